from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static" / "storefront"


def test_the_shop_s_scripts_stay_small():
    assert sum(path.stat().st_size for path in STATIC.glob("*.js")) < 30 * 1024

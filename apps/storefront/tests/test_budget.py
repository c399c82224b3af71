from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parent.parent / "static" / "storefront"


@pytest.mark.parametrize(("pattern", "limit"), [("*.css", 25_000), ("*.js", 30 * 1024)])
def test_the_shop_s_own_code_stays_small(pattern, limit):
    assert sum(path.stat().st_size for path in STATIC.glob(pattern)) < limit

from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static" / "storefront"


def test_the_shop_s_scripts_stay_small():
    assert sum(path.stat().st_size for path in STATIC.glob("*.js")) < 30 * 1024


def test_a_style_sheet_holds_one_declaration_a_line():
    lines = [line for path in STATIC.glob("*.css") for line in path.read_text().splitlines()]
    assert len(lines) > 1000
    assert [line for line in lines if len(line) > 120 or line.count(";") > 1 or ("{" in line and ";" in line)] == []

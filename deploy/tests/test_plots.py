"""Plots of the bench say what its tables say, also to those who do not see them."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

BENCH = Path(__file__).resolve().parents[1] / "bench"
SVG = "{http://www.w3.org/2000/svg}"
TABLE = """# Benchmarks

Intro.

2026-11-28, 2 cores.

## 1 000 products, mysql

| page | per second (median) | CPU, ms | of | ratio, median (min – max) | at least | queries | bytes |
|---|---:|---:|---|---:|---:|---:|---:|
| bare 20-card page | 1,439 | 2.39 |  |  |  |  |  |
| home | 270 | 5.19 | bare 20-card page | **0.40** (0.39 – 0.69) |  | 5 | 19759 |
| home, through nginx | 20,270 | 0.05 | home, from cache | **8.10** (7.90 – 8.69) | 8 |  |  |

Whole guest purchase (6 requests): 30.2 a second (25.7 – 40.9).

## Cost at 100,000 products against 1,000, mysql

| page | times (at most 1.3) | queries |
|---|---:|---:|
| home | 0.90 |  |
"""


@pytest.fixture
def plots(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(BENCH))
    import plots

    yield plots
    for name in ("plots", "svg"):
        sys.modules.pop(name, None)


def test_the_tables_of_the_page_are_read(plots):
    (section,) = plots.read(TABLE)
    assert (section.products, section.database, section.purchases.value) == (1000, "mysql", 30.2)
    home = section.rows[1]
    assert (home.page, home.rate, home.cpu, home.ratio.value, home.ratio.high) == ("home", 270, 5.19, 0.40, 0.69)


def test_pictures_stand_on_the_page_once_and_are_files_with_their_figures_as_text(plots, tmp_path):
    page = tmp_path / "benchmarks.md"
    page.write_text(TABLE)
    files = plots.write_plots(page)
    once = page.read_text()
    assert [path.stem for path in files] == ["pages", "nginx", "cpu", "purchases", "comments", "peers"]
    assert all(f"](plots/{path.name})" in once for path in files)
    assert (
        once.replace(once[once.index(plots.BEGIN) : once.index(plots.END)], "").replace(f"{plots.END}\n\n", "") == TABLE
    )
    plots.write_plots(page)
    assert page.read_text() == once
    for path in files:
        picture = ElementTree.fromstring(path.read_text())  # noqa: S314
        assert picture.get("role") == "img"
        assert picture.findtext(f"{SVG}title")
        assert "prefers-color-scheme:dark" in picture.findtext(f"{SVG}style")
    pages = ElementTree.fromstring((tmp_path / "plots" / "pages.svg").read_text())  # noqa: S314
    assert "home 0.4 (0.39 to 0.69)" in pages.findtext(f"{SVG}desc")


def test_dots_stand_where_the_axis_says(plots):
    from svg import Point, Series, dots

    picture = ElementTree.fromstring(  # noqa: S314
        dots("<Title> & more", [Series("one", {"a": Point(0), "b": Point(5), "c": Point(10)})], unit="things")
    )
    places = [float(dot.get("cx")) for dot in picture.iter(f"{SVG}circle")]
    assert places[1] - places[0] == pytest.approx(places[2] - places[1], abs=0.2)
    labels = {
        text.text: float(text.get("x")) for text in picture.iter(f"{SVG}text") if text.get("text-anchor") == "middle"
    }
    assert labels["10"] == pytest.approx(places[2], abs=0.2)

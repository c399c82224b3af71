"""The flame graph is a picture that any browser opens, and its boxes have the widths of what was seen."""

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

BENCH = Path(__file__).resolve().parents[1] / "bench"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def flame(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(BENCH))
    import flame

    yield flame
    for name in ("flame", "run", "buyers"):
        sys.modules.pop(name, None)


def test_draws_what_was_seen(flame):
    view, query = ("view.<locals>.<lambda>", "/checkout/apps/shop.py"), ("execute", "/lib/django/db/backends/utils.py")
    seen = Counter({(view,): 30, (view, query): 60, (("render & <b>", "/lib/django/template/base.py"),): 10})
    picture = ElementTree.fromstring(flame.picture(flame.tree(seen), "/recherche/?q=a&b: 4.00 ms", 4.0))  # noqa: S314
    widths = {
        box.findtext(f"{SVG}title").split(" (")[0]: float(box.find(f"{SVG}rect").get("width"))
        for box in picture.iter(f"{SVG}g")
    }
    assert {name: round(width / flame.WIDTH, 2) for name, width in widths.items()} == {
        "request": 1.0,
        "view.<locals>.<lambda>": 0.9,
        "execute": 0.6,
        "render & <b>": 0.1,
    }
    assert [flame.place_of(filename) for _name, filename in (view, query)] == ["the shop", "SQL"]
    assert "60.0%     2.40 ms  SQL" in flame.summary(seen, 4.0)


def test_notes_processor_time_below_djangos_entry(flame):
    with flame.Sampler() as sampler:
        sum(number * number for number in range(2_000_000))
    assert not sampler.stacks

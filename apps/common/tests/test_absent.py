import sys

import pytest

from apps.common.absent import absent


def test_a_package_cannot_be_imported_within_and_can_afterwards(monkeypatch):
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with absent("colorsys"), pytest.raises(ModuleNotFoundError):
        import colorsys
    import colorsys

    assert colorsys.rgb_to_hsv


def test_what_is_imported_already_stays(monkeypatch):
    import json

    with absent("json"):
        import json as again
    assert sys.modules["json"] is json is again


def test_it_can_be_imported_after_an_error_too(monkeypatch):
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with pytest.raises(ZeroDivisionError), absent("colorsys"):
        1 / 0  # noqa: B018
    assert "colorsys" not in sys.modules

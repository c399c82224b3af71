import sys

import pytest

from apps.common.absent import absent, later


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


def test_what_is_imported_later_is_there_when_it_is_used(tmp_path, monkeypatch):
    package = tmp_path / "postponed_package"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "dear.py").write_text("price = 5\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("apps.common.absent.postponed", set())
    later("postponed_package.dear")
    from postponed_package import dear

    assert "postponed_package.dear" not in sys.modules
    assert dear.price == 5
    with pytest.raises(AttributeError):
        dear.weight  # noqa: B018
    from postponed_package import dear as again

    assert again is sys.modules["postponed_package.dear"]

"""What `make run` does when one of its processes ends."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

LOCAL = Path(__file__).resolve().parents[1] / "local"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(LOCAL))
    sys.modules.pop("run", None)
    import run

    monkeypatch.setattr(run, "ILLUSTRATED", tmp_path / "illustrated")
    yield run
    for name in ("run", "environment", "libraries", "debian"):
        sys.modules.pop(name, None)


def shop_with(run: ModuleType, **programs: str) -> object:
    shop = run.Shop(8000)
    shop.processes = {name: subprocess.Popen([program]) for name, program in programs.items()}
    for process in shop.processes.values():
        process.wait()
    return shop


def test_the_shop_goes_on_when_its_illustrations_are_rendered(run):
    shop = shop_with(run, illustrations="true")
    assert shop.dead() == ""
    assert shop.processes == {}
    assert run.ILLUSTRATED.exists()


def test_the_shop_goes_on_without_illustrations_and_the_next_start_tries_again(run, capsys):
    shop = shop_with(run, illustrations="false")
    assert shop.dead() == ""
    assert not run.ILLUSTRATED.exists()
    assert "The next start goes on with them." in capsys.readouterr().out


def test_the_shop_does_not_go_on_without_its_other_processes(run):
    assert "web server ended by itself with code 0" in shop_with(run, **{"web server": "true"}).dead()

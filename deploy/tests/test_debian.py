"""Installation as root on Debian, with an apt-get that is locked, fails, or has no mirror."""

import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "local"))

import debian
from environment import Unusable

HELD = "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 42 (apt-get)"


@pytest.fixture
def apt(tmp_path, monkeypatch):
    """Writes a fake apt-get: `apt(held=2)` fails twice because of the lock, then records its arguments."""
    calls = tmp_path / "asked"

    def write(*, held: int = 0, fails: str = "") -> Path:
        script = tmp_path / "apt-get"
        script.write_text(
            f"""#!/bin/sh
count=$(cat {tmp_path}/count 2>/dev/null || echo 0)
echo $((count + 1)) > {tmp_path}/count
if [ "$count" -lt {held} ]; then echo "{HELD}"; exit 100; fi
if [ -n "{fails}" ]; then echo "{fails}"; exit 100; fi
echo "$*" >> {calls}
"""
        )
        script.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        return calls

    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    return write


def test_installs_what_is_missing(apt):
    calls = apt()
    debian.install(["chromium", "gcc"])
    update, install = calls.read_text().splitlines()
    assert update.endswith("update")
    assert install.endswith("install -y --no-install-recommends chromium gcc")
    assert "DPkg::Lock::Timeout=300" in install


def test_waits_for_another_process_that_holds_apt(apt, capsys):
    calls = apt(held=3)
    debian.install(["gcc"])
    assert len(calls.read_text().splitlines()) == 2
    assert capsys.readouterr().out.count("waiting for it") == 1


def test_gives_up_on_a_lock_that_is_never_let_go(apt):
    apt(held=10**6)
    with pytest.raises(Unusable, match="Could not get lock"):
        debian.install(["gcc"], patience=0)


def test_says_why_an_installation_failed_and_tries_it_once(apt, tmp_path):
    apt(fails="E: Unable to locate package gcc")
    with pytest.raises(Unusable, match="Unable to locate package"):
        debian.install(["gcc"])
    assert (tmp_path / "count").read_text().strip() == "1"


def test_a_machine_whose_sources_name_no_mirror_is_told_so(apt, tmp_path):
    apt()
    with pytest.raises(Unusable, match="knows no Debian mirror"):
        debian.mirror()

"""What `make run` and `make test` install."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

LOCAL = Path(__file__).resolve().parents[1] / "local"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(LOCAL))
    import environment

    yield environment
    sys.modules.pop("environment", None)


LOCK = """# compiled
anyio==4.1 \\
    --hash=sha256:aa \\
    --hash=sha256:ab
    # via httpx
boto3==1.2 \\
    --hash=sha256:ba
celery[sqs]==5.4 \\
    --hash=sha256:ca
"""


def test_the_sets_that_are_installed_beside_each_other_are_the_whole_lock(environment):
    assert [re.findall(r"(?m)^\w+", part) for part in environment.parts(LOCK, 2)] == [["anyio", "celery"], ["boto3"]]
    for number in (1, 2, 4):
        together = "".join(environment.parts(LOCK, number))
        assert sorted(together.splitlines()) == sorted(LOCK.splitlines()[1:])
        assert len(environment.parts(LOCK, number)) == number


def test_each_set_that_cannot_be_installed_says_why(environment, monkeypatch, tmp_path):
    pip = tmp_path / "python"
    pip.write_text(
        '#!/bin/sh\nfor file; do :; done\ngrep -q bad "$file" && { echo "no: $(cat "$file")"; exit 1; }\nexit 0\n'
    )
    pip.chmod(0o755)
    monkeypatch.setattr(environment, "PYTHON", pip)
    assert environment._install(["good", "bad==1", "good too", "bad==2"]) == ["", "no: bad==1", "", "no: bad==2"]


def test_no_installation_goes_on_after_it_was_interrupted(environment, monkeypatch, tmp_path):
    pip = tmp_path / "python"
    pip.write_text(f"#!/bin/sh\necho $$ >> {tmp_path}/pids\nexec sleep 60\n")
    pip.chmod(0o755)
    monkeypatch.setattr(environment, "PYTHON", pip)
    wait = subprocess.Popen.wait

    def interrupted(process: subprocess.Popen, timeout: float | None = None) -> int:
        monkeypatch.setattr(subprocess.Popen, "wait", wait)
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "wait", interrupted)
    started = []
    begin = subprocess.Popen.__init__
    monkeypatch.setattr(
        subprocess.Popen, "__init__", lambda self, *given, **how: (started.append(self), begin(self, *given, **how))[1]
    )
    with pytest.raises(KeyboardInterrupt):
        environment._install(["one", "two"])
    assert [process.returncode for process in started] == [-15, -15]

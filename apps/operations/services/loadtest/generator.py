"""Runs deploy/loadtest in a Python environment of its own: the shop's has no load generator."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from apps.operations.errors import OperationFailed
from apps.operations.runs.report import Reporter
from apps.operations.services.loadtest.target import Target

HOME = Path("deploy") / "loadtest"
SAY_EVERY = 10
STOP_SECONDS = 45


def generator_python(report: Reporter) -> Path:
    """The interpreter that has Locust; created once for each list of requirements. Raises OperationFailed."""
    requirements = settings.BASE_DIR / HOME / "requirements.txt"
    if not requirements.is_file():
        raise OperationFailed(_("Cette machine n’a pas deploy/loadtest : lancez l’essai depuis une copie du projet."))
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    home = settings.VAR_DIR / "loadtest" / "environment"
    python, stamp = home / "bin" / "python", home / "installed"
    if not stamp.is_file() or stamp.read_text() != wanted:
        report.say(_("Installation de Locust, une fois…"))
        shutil.rmtree(home, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(home)])
        options = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes"]
        _run([str(python), "-m", "pip", "install", *options, "--requirement", str(requirements)])
        stamp.write_text(wanted)
    return python


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise OperationFailed(
            _("Locust n’a pas pu être installé : %(message)s") % {"message": (done.stdout + done.stderr).strip()[-500:]}
        )


def measure(*, target: Target, python: Path, output: Path, arguments: list[str], report: Reporter) -> dict[str, Any]:
    """The generator's measurements, also when it was stopped early. Raises OperationFailed."""
    output.unlink(missing_ok=True)
    allowed = ",".join(settings.OPERATIONS["load_test_hosts"])
    command = [str(python), "generate.py", target.url, "--allowed", allowed, "--output", str(output), *arguments]
    last_line = ""
    with _running(command) as generator:
        try:
            for line in generator.stdout or ():
                last_line = line
                _show(line, report)
        except KeyboardInterrupt:
            # The first Ctrl-C: visitors leave, and the measurements are written.
            report.say(_("Arrêt demandé : les derniers visiteurs partent…"))
            generator.send_signal(signal.SIGINT)
            for line in generator.stdout or ():
                _show(line, report)
        code = generator.wait(STOP_SECONDS)
    if code or not output.is_file():
        raise OperationFailed(_("Le générateur a échoué : %(message)s") % {"message": last_line.strip() or code})
    measured: dict[str, Any] = json.loads(output.read_text())
    return measured


@contextmanager
def _running(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """In a session of its own, so that Ctrl-C reaches it through us alone; it never outlives us."""
    generator = subprocess.Popen(
        command,
        cwd=settings.BASE_DIR / HOME,
        env={name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DATABASE_", "SECRET"))},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield generator
    finally:
        if generator.poll() is None:
            # With those that it started.
            with suppress(ProcessLookupError):
                os.killpg(generator.pid, signal.SIGKILL)
            generator.wait()


def _show(line: str, report: Reporter) -> None:
    try:
        second = json.loads(line)
    except ValueError:
        report.say(line.rstrip())
        return
    if found := second.get("aborted"):
        report.say(_("Un seuil d’arrêt est passé depuis %(after)d s : les derniers visiteurs partent…") % found)
    if "requests" not in second:
        return
    text = _(
        "%(second)4d s   %(arrivals)3d visiteurs/s   %(active)4d présents   %(requests)4d requêtes/s   "
        "p50 %(p50)6.0f ms   p95 %(p95)6.0f ms   %(errors)d erreurs"
    )
    report.progress(text % second)
    if second["second"] % SAY_EVERY == 0:
        report.say(text % second)

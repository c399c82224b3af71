"""Worker hosts as in production, in processes that a proof can kill, give a wrong clock, and cut off."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

# Each in its own session: killing it kills its children too, like the crash of a machine.
OWN = {"cwd": settings.BASE_DIR, "stdin": subprocess.DEVNULL, "start_new_session": True}
# A wrong clock for the whole process, from its start.
SKEWED = """
import sys, datetime, time_machine
now = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=float(sys.argv.pop(1)))
time_machine.travel(now, tick=True).start()
from celery.__main__ import main
main()
"""


class Host:
    """One machine: programs with a name, a clock and a database connection."""

    def __init__(self, name: str, environment: dict[str, str], folder: Path, *, skew: float = 0) -> None:
        self.name = name
        self.environment = environment
        self.log = folder / f"{name}.log"
        self.skew = skew
        self.programs: dict[str, subprocess.Popen] = {}

    def start(self, program: str, *arguments: str) -> None:
        self._start(program, "-c", SKEWED, str(self.skew), "-A", "webmarket", program, *arguments)

    def start_gunicorn(self, *, is_collected: bool = False) -> None:
        """With collected static files, whose names every page needs."""
        if not is_collected:
            collect = [sys.executable, "manage.py", "collectstatic", "-v0", "--noinput"]
            subprocess.run(collect, env=self.environment, check=True, cwd=settings.BASE_DIR)
        self._start("gunicorn", "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "webmarket.wsgi:application")

    def _start(self, program: str, *arguments: str) -> None:
        command = [sys.executable, *arguments]
        with self.log.open("ab") as log:
            self.programs[program] = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log, **OWN)

    def kill(self, *programs: str) -> None:
        for program in programs or list(self.programs):
            process = self.programs.pop(program)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def stop(self, program: str, *, seconds: float = 30) -> int:
        """Stop by SIGTERM, as systemd does; returns the exit code."""
        process = self.programs.pop(program)
        process.terminate()
        return process.wait(timeout=seconds)

    def log_tail(self) -> str:
        """The end of its log."""
        return self.log.read_text()[-3000:]

    def children(self, program: str) -> list[int]:
        pid = self.programs[program].pid
        with contextlib.suppress(FileNotFoundError):
            return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return []

    def kill_child(self, program: str) -> None:
        """Kill the pool's processes, which run its tasks; the worker starts others."""
        for child in self.children(program):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
                wait_for("it is gone", lambda child=child: child not in self.children(program), seconds=10, every=0.01)


class Relay:
    """A relay between a host and a server: open, silent (all is delayed until `mend`) or refusing."""

    def __init__(self, server: tuple[str, int]) -> None:
        self.server = server
        self.flows = threading.Event()
        self.flows.set()
        self.pairs: list[socket.socket] = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self.flows.clear()

    def mend(self) -> None:
        self.flows.set()

    def refuse(self) -> None:
        """Close all connections and refuse new ones until `answer`."""
        # Closed alone, it would take one more: `accept` waits in another thread.
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        self._break()

    def answer(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.flows.set()
        self.listening.close()
        self._break()

    def _break(self) -> None:
        for each in self.pairs:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self.pairs = []

    def _accept(self) -> None:
        listening = self.listening
        with contextlib.suppress(OSError):
            while True:
                here, _peer = listening.accept()
                there = socket.create_connection(self.server)
                self.pairs += [here, there]
                for source, target in ((here, there), (there, here)):
                    threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while content := source.recv(65536):
                self.flows.wait()
                target.sendall(content)
        for each in (source, target):
            with contextlib.suppress(OSError):
                # Closed alone, it would stay open for as long as another thread waits for it.
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def environment(queues: dict[str, str], **more: str) -> dict[str, str]:
    """A worker host's environment variables as from Terraform, with the database of this test."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "webmarket.settings",
        "DEMO": "true",
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": database_url(),
        "AWS_REGION": "eu-west-3",
        "PROOF_HOST": "yes",
        "CELERY_BROKER_URL": "sqs://",
        "CELERY_QUEUE_URLS": ",".join(f"{name}={url}" for name, url in queues.items()),
        "LOG_LEVEL": "INFO",
        **more,
    }


def database_url(port: int | None = None) -> str:
    here: dict[str, Any] = connection.settings_dict
    return f"mysql://{here['USER']}:{here['PASSWORD']}@{here['HOST']}:{port or here['PORT']}/{here['NAME']}"


@contextlib.contextmanager
def running(*hosts: Host) -> Iterator[None]:
    try:
        yield
    finally:
        for host in hosts:
            host.kill()


@contextlib.contextmanager
def ended(process: subprocess.Popen) -> Iterator[None]:
    try:
        yield
    finally:
        process.kill()
        process.wait()


def wait_for(what: str | Callable[[], str], found: Callable[[], Any], *, seconds: float, every: float = 0.1) -> float:
    """Wait for the condition; returns the seconds. Raises AssertionError on timeout."""
    began = time.monotonic()
    while not found():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"not within {seconds:.0f} s: {what() if callable(what) else what}")
        time.sleep(every)
    return time.monotonic() - began


def some_time(most: float) -> None:
    time.sleep(random.uniform(0, most))

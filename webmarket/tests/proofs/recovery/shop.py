"""A shop under gunicorn on a MySQL server of its own, with an operator's terminal beside it."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from deploy.bench.buyers import Buyer
from webmarket.tests.proofs.hosts import Host, wait_for

ROOT = Path(settings.BASE_DIR)
# Buckets, or this machine's folder, where static files are: a host's image brings them along.
collected: set[str] = set()


@dataclass(frozen=True)
class Done:
    """How a command ended; `peak` is the most memory that it held, in MB, `cpu` its seconds of processor."""

    code: int
    output: str
    errors: str
    seconds: float
    cpu: float
    peak: float

    @property
    def answer(self) -> dict[str, Any]:
        """What it wrote with --json."""
        answer: dict[str, Any] = json.loads(self.output)
        return answer


def run(command: Sequence[str], environment: dict[str, str], *, given: str = "") -> Done:
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        began = time.monotonic()
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=output, stderr=errors, text=True
        )
        assert process.stdin
        process.stdin.write(given)
        process.stdin.close()
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
        for file in (output, errors):
            file.seek(0)
        cpu, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
        return Done(process.returncode, output.read(), errors.read(), seconds, cpu, peak)


@dataclass
class Shop:
    """`environment` is that of its machine: commands and gunicorn read the same."""

    folder: Path
    environment: dict[str, str]
    host: Host = field(init=False)
    port: int = 0

    def __post_init__(self) -> None:
        self.host = Host("web", self.environment, self.folder)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def moved_to(self, database_url: str, **more: str) -> "Shop":
        """The same shop with another DATABASE_URL, not yet open."""
        return Shop(self.folder, {**self.environment, "DATABASE_URL": database_url, **more})

    def type(self, arguments: Sequence[str], *, given: str = "", code: int = 0) -> Done:
        """A command of the runbook, as typed; raises where it ends otherwise."""
        done = run([sys.executable, "manage.py", *arguments], self.environment, given=given)
        assert done.code == code, f"{' '.join(arguments)} ended with {done.code}:\n{done.output}\n{done.errors}"
        return done

    def judged(self, *names: str) -> dict[str, Any]:
        """What `judge` says, or of it what is named."""
        command = [sys.executable, "-m", "webmarket.tests.proofs.recovery.judge", *names]
        done = run(command, self.environment)
        assert done.code == 0, done.errors
        return done.answer

    def fill(self, *, products: int, orders: int) -> None:
        self.type(["migrate", "-v0", "--skip-checks"])
        command = [sys.executable, "deploy/bench/fill.py", "--products", str(products), "--orders", str(orders)]
        done = run(command, self.environment)
        assert done.code == 0, done.errors

    @contextmanager
    def open(self) -> Iterator["Shop"]:
        """It serves at `url`, until the block ends."""
        self.port = _free_port()
        self.host.environment = {**self.environment, "PORT": str(self.port)}
        place = self.environment.get("AWS_STORAGE_BUCKET_NAME", "")
        self.host.start_gunicorn(is_collected=place in collected)
        collected.add(place)
        try:
            wait_for(self.host.log_tail, lambda: self.get("/health")[0] == 200, seconds=120)
            yield self
        finally:
            self.host.kill()

    def get(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError as error:
            return 0, str(error)
        finally:
            connection.close()

    def buy(self, for_sale: Sequence[Sequence[str]], count: int) -> list[str]:
        """Numbers of the orders that visitors placed, from the product's page to the confirmation."""
        numbers = []
        for number in range(count):
            buyer = NotingBuyer(self.url)
            failure = buyer.buy(*for_sale[number % len(for_sale)])
            assert not failure, f"{failure}\n{self.host.log_tail()}"
            numbers.append(buyer.number)
        return numbers

    @contextmanager
    def selling(self, for_sale: Sequence[Sequence[str]]) -> Iterator[list[str]]:
        """Visitors order all the time; the list grows by what they were confirmed. Whoever fails, leaves."""
        confirmed: list[str] = []
        stop = threading.Event()

        def sell() -> None:
            for number in range(100_000):
                if stop.is_set():
                    return
                buyer = NotingBuyer(self.url)
                try:
                    if buyer.buy(*for_sale[number % len(for_sale)]):
                        return
                except (OSError, http.client.HTTPException):
                    return
                confirmed.append(buyer.number)

        seller = threading.Thread(target=sell)
        seller.start()
        try:
            yield confirmed
        finally:
            stop.set()
            seller.join()


class NotingBuyer(Buyer):
    """Keeps the number of the order that the last page confirms."""

    number = ""

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        status, where, text = super().ask(path, form)
        if status == 200 and (found := re.search(r"WM-[0-9A-Z]{4}-[0-9A-Z]{4}", text)):
            self.number = found[0]
        return status, where, text


def environment(database_url: str, **more: str) -> dict[str, str]:
    """Of a machine of the shop."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("BACKUP_", "RESTORE_"))}
    return {
        **inherited,
        "DJANGO_SETTINGS_MODULE": "webmarket.settings",
        "DATABASE_URL": database_url,
        "DEMO": "true",
        "SECRET_KEY": settings.SECRET_KEY,
        "CELERY_BROKER_URL": "memory://",
        "EMAIL_URL": "dummymail://",
        "LOG_LEVEL": "ERROR",
        "WEB_CONCURRENCY": "2",
        "PYTHONWARNINGS": "ignore",
        **more,
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

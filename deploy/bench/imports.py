#!/usr/bin/env python3
"""Measures imports of catalogues on MySQL: this checkout against another one, and a large file while orders are placed.

    deploy/bench/imports.py compare OTHER [--rows 20000] [--rounds 3] [FILE …]
    deploy/bench/imports.py whole [--rows 200000] [--orders-per-minute 20] [--with-changes]

`compare` imports each file three times in each checkout (new, unchanged, every price changed), the two taking turns,
and prints seconds of CPU of the import and of the server. `whole` prints the memory of one import, and how long the
orders took that were placed meanwhile. Both use a server of their own, which they start and leave running
(`deploy/local/mysql remove --name imports`), and databases of their own, which they empty.
"""

import argparse
import csv
import gzip
import io
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / "deploy" / "local" / "mysql"
HEADER = ["code_barres", "nom", "description", "rayon", "prix_ttc", "tva", "stock", "image_url"]
PHASES = ("new", "unchanged", "prices changed")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Seconds of CPU, seconds on the clock, and the most memory that the import had, in MB."""

    own: float
    server: float
    clock: float
    memory: float


class Server:
    """A MySQL server for these measurements alone: what it uses is what the import makes it do."""

    def __init__(self) -> None:
        start = [LOCAL, "start", "--fast", "--name", "imports"]
        url = subprocess.run(start, check=True, capture_output=True, text=True).stdout.split()[-1]
        self.base = url.rsplit("/", 1)[0]
        status = subprocess.run([LOCAL, "status", "--name", "imports"], check=True, capture_output=True, text=True)
        found = re.search(r"process (\d+)", status.stdout)
        if not found:
            sys.exit(status.stdout)
        self.pid = int(found[1])

    def cpu(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


class Checkout:
    """One state of the code, with a database of its own."""

    def __init__(self, root: Path, server: Server, database: str) -> None:
        self.root, self.server = root, server
        self.environment = {
            **os.environ,
            "DATABASE_URL": f"{server.base}/{database}",
            "DJANGO_SETTINGS_MODULE": "webmarket.settings",
            "DEMO": "true",
            "SECRET_KEY": "only for measuring",
            "CELERY_BROKER_URL": "memory://",
            "EMAIL_URL": "dummymail://",
            "LOG_LEVEL": "CRITICAL",
            "PYTHONPATH": str(root),
            "PYTHONWARNINGS": "ignore",
        }
        self.python(f"""
import MySQLdb
connection = MySQLdb.connect(host="127.0.0.1", port={int(server.base.rsplit(":", 1)[1])}, user="root")
connection.cursor().execute("CREATE DATABASE IF NOT EXISTS {database} CHARACTER SET utf8mb4")
""")
        self.manage("migrate", "-v0", "--skip-checks")
        self.empty()

    def python(self, code: str, *arguments: str) -> str:
        command = [sys.executable, "-c", code, *arguments]
        return subprocess.run(
            command, env=self.environment, cwd=self.root, check=True, text=True, stdout=subprocess.PIPE
        ).stdout

    def manage(self, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env=self.environment,
            cwd=self.root,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def empty(self) -> None:
        """The catalogue with what hangs on it, and the pages' cache."""
        self.python("""
import django
django.setup()
from django.db import connection
apps = ("catalogue_", "imports_", "orders_", "basket_", "payments_", "invoicing_", "common_cache", "common_outbox")
with connection.cursor() as cursor:
    cursor.execute("SET FOREIGN_KEY_CHECKS = 0")
    for name in connection.introspection.table_names(cursor):
        if name.startswith(apps):
            cursor.execute(f"TRUNCATE TABLE {connection.ops.quote_name(name)}")
""")

    def bring_in(self, path: Path) -> tuple[Cost, dict[str, int]]:
        """Run the command; returns what it cost and what it says that it did."""
        code = """
import io, json, re, resource, sys
import django
django.setup()
from django.core.management import call_command
out = io.StringIO()
call_command("import_catalogue", sys.argv[1], rejects=sys.argv[2], stdout=out, no_color=True)
counts = re.findall(r"^ *([\\d ]+?)  +(.+?) *$", out.getvalue(), re.M)
own = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([own.ru_utime + own.ru_stime, own.ru_maxrss / 1024, counts]))
"""
        began, before = time.monotonic(), self.server.cpu()
        answer = self.python(code, str(path), os.devnull).splitlines()[-1]
        own, memory, counts = json.loads(answer)
        cost = Cost(own, self.server.cpu() - before, time.monotonic() - began, memory)
        return cost, {label: int(count.replace(" ", "")) for count, label in counts}


# --- Files ------------------------------------------------------------------------------------------------------------
def invented(rows: int) -> Iterator[list[str]]:
    """A merchant's list with rayons, rates, texts and a picture for every fourth product."""
    for number in range(rows):
        code = f"20{number:010d}"
        check = -sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(code)) % 10
        yield [
            f"{code}{check}",
            f"Confiture de la maison {number % 977}, {100 + number % 9 * 50} g",
            "Fruits, sucre de canne, jus de citron. Préparée avec 55 g de fruits pour 100 g. " * (number % 3),
            f"Épicerie {number % 12}/Confitures {number % 40}",
            f"{1 + number % 60},{number % 100:02d}",
            ("5,5", "20")[number % 2],
            str(number % 90),
            f"https://images.example/{number}.jpg" if number % 4 == 0 else "",
        ]


def write(path: Path, rows: Iterator[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(HEADER)
        writer.writerows(rows)
    return path


def repriced(path: Path, folder: Path) -> Path | None:
    """The same file with all prices one euro higher; None for one that is not a merchant's list."""
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    if "prix_ttc" not in rows[0]:
        return None
    at = rows[0].index("prix_ttc")
    target = folder / f"repriced-{path.name.removesuffix('.gz')}"
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(rows[0])
        for row in rows[1:]:
            if len(row) > at and (found := re.fullmatch(r"(\d+)(,\d+)?", row[at].strip())):
                row[at] = f"{int(found[1]) + 1}{found[2] or ''}"
            writer.writerow(row)
    return target


# --- Two checkouts ----------------------------------------------------------------------------------------------------
def compare(other: Path, files: list[Path], *, rows: int, rounds: int) -> None:
    server = Server()
    pair = {"before": Checkout(other, server, "imports_before"), "now": Checkout(ROOT, server, "imports_now")}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in files or [write(folder / f"{rows} rows.csv", invented(rows))]:
            print(f"\n{path.name}: seconds of CPU, import + server (range of {rounds})")
            costs: dict[tuple[str, str], list[Cost]] = {}
            changed = repriced(path, folder)
            for turn in range(rounds):
                for checkout in pair.values():
                    checkout.empty()
                for phase in PHASES:
                    file = changed if phase == PHASES[2] else path
                    # The two take turns in going first.
                    for which in list(pair)[:: 1 if turn % 2 else -1]:
                        if file is not None:
                            cost, _counts = pair[which].bring_in(file)
                            costs.setdefault((phase, which), []).append(cost)
            for phase in PHASES:
                if (phase, "now") in costs:
                    print(line(phase, costs[phase, "before"], costs[phase, "now"]), flush=True)


def line(phase: str, before: list[Cost], now: list[Cost]) -> str:
    def middle(costs: list[Cost]) -> tuple[float, float]:
        return statistics.median(cost.own for cost in costs), statistics.median(cost.server for cost in costs)

    (own, server), (own_now, server_now) = middle(before), middle(now)
    together = [statistics.median(cost.own + cost.server for cost in costs) for costs in (before, now)]
    spread = [
        f"{min(cost.own for cost in costs):.1f} – {max(cost.own for cost in costs):.1f}" for costs in (before, now)
    ]
    memory = [max(cost.memory for cost in costs) for costs in (before, now)]
    return (
        f"  {phase:<15} {own:6.1f} + {server:5.1f} ({spread[0]}) → {own_now:6.1f} + {server_now:5.1f} ({spread[1]})"
        f"   import × {own_now / own:.2f}, together × {together[1] / together[0]:.2f};"
        f" {memory[0]:.0f} → {memory[1]:.0f} MB"
    )


# --- A large file while orders are placed -----------------------------------------------------------------------------
ORDERS = """
import json, pathlib, sys, time
import django
django.setup()
from apps.catalogue.tests.factories import VariantFactory
from apps.checkout.tests.factories import placed_order
from apps.catalogue.models import Variant
pause, enough = float(sys.argv[1]), pathlib.Path(sys.argv[2])
held = VariantFactory(on_hand=1_000_000)
took, number = [], 0
while not enough.exists():
    # Of the list that is coming in, once there is something; otherwise of what was there.
    new = Variant.objects.filter(stock__on_hand__gt=10, sku__startswith="20").order_by("-pk").first()
    began = time.perf_counter()
    placed_order((new or held, 1), payment=("on_collection", "bank_transfer")[number % 2])
    took.append(time.perf_counter() - began)
    number += 1
    time.sleep(max(pause - took[-1], 0))
print(json.dumps(took))
"""


def whole(*, rows: int, orders_per_minute: float, with_changes: bool) -> None:
    server = Server()
    checkout = Checkout(ROOT, server, "imports_whole")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, enough = write(folder / "list.csv", invented(rows)), folder / "enough"
        command = [sys.executable, "-c", ORDERS, str(60 / orders_per_minute), str(enough)]
        orders = subprocess.Popen(
            command, env=checkout.environment, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        try:
            phases = {"new": path} | ({"prices changed": repriced(path, folder) or path} if with_changes else {})
            for phase, file in phases.items():
                cost, counts = checkout.bring_in(file)
                print(
                    f"{rows} rows, {phase}: {cost.memory:.0f} MB, {cost.own:.0f} + {cost.server:.0f} s of CPU,"
                    f" {cost.clock:.0f} s; {counts}",
                    flush=True,
                )
        finally:
            enough.touch()
            answer, errors = orders.communicate(timeout=120)
        if orders.returncode:
            sys.exit(f"The orders failed:\n{errors[-3000:]}")
        took = sorted(json.loads(answer.splitlines()[-1]))
        print(
            f"meanwhile {len(took)} orders, none failed: median {statistics.median(took):.2f} s,"
            f" 95 % within {took[int(len(took) * 0.95)]:.2f} s, slowest {took[-1]:.2f} s"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    actions = parser.add_subparsers(required=True, dest="action")
    comparison = actions.add_parser("compare")
    comparison.add_argument("other", type=Path, help="the other checkout, before a change say")
    comparison.add_argument("files", type=Path, nargs="*", metavar="FILE")
    comparison.add_argument("--rows", type=int, default=20_000, help="of the invented list, without FILE")
    comparison.add_argument("--rounds", type=int, default=3)
    large = actions.add_parser("whole")
    large.add_argument("--rows", type=int, default=200_000)
    large.add_argument("--orders-per-minute", type=float, default=20)
    large.add_argument("--with-changes", action="store_true", help="then the same list with all prices changed")
    options = parser.parse_args()
    if options.action == "compare":
        compare(options.other.resolve(), options.files, rows=options.rows, rounds=options.rounds)
    else:
        whole(rows=options.rows, orders_per_minute=options.orders_per_minute, with_changes=options.with_changes)


if __name__ == "__main__":
    main()

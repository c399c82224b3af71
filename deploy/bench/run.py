#!/usr/bin/env python3
"""Measures the shop beside bare Django, at 1,000, 10,000 and 100,000 products, and writes docs/benchmarks.md with its
plots; every round stands in var/bench/results.json.

    make bench                                      SQLite and, where it can be started, MySQL
    deploy/bench/run.py --database mysql --sizes 1000 --seconds 2

The shop runs twice under its production gunicorn settings with 2 workers, with and without its page cache; bare Django
(bare.py) runs a third time under the same settings. nginx as on a host, with its cache, stands before the first. Every
round loads each page for some seconds over 8 connections, one after the other, so that a slow phase of the machine
affects all of them; the ratio to the reference within the round counts. Databases are filled once and kept in var/bench
and in MySQL as webmarket_bench_<size>.
"""

import argparse
import contextlib
import json
import os
import platform
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import nginx
import plots

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "deploy" / "bench"
VAR = ROOT / "var" / "bench"
RESULTS = ROOT / "docs" / "benchmarks.md"
RAW = VAR / "results.json"
"""Every round of the last run."""
PYTHON = str(ROOT / ".venv" / "bin" / "python")
CONNECTIONS = 8
WORKERS = 2
START_SECONDS = 60
WARM_UP_SECONDS = 2
SEARCHES = [
    *(
        "camambert",
        "chocolta noir",
        "thé vert",
        "confiture fraise",
        "savon de marseille lavande",
        "huile olive",
        "pâté",
    ),
    *(
        "café grain bio",
        "miel de provence",
        "comté affiné",
        "sardines citron",
        "riz camargue",
        "biere blonde artisanale",
    ),
    *("croissants", "brioche vanille", "moutarde ancienne", "jus pomme normandie", "saumon fume", "lentilles", "tasse"),
]
HALF_TYPED = [
    "cho",
    "chocolat n",
    "thé",
    "confit",
    "savon de m",
    "huile ol",
    "ca",
    "miel",
    "jus de p",
    "pat",
    "biere b",
]


@dataclass(frozen=True)
class Page:
    """A page to measure: its paths, the reference, and the ratio to it that must be reached."""

    name: str
    server: str
    paths: tuple[str, ...]
    reference: str = ""
    target: float = 0
    body: str = ""
    queries: int = 0


@dataclass
class Measured:
    rates: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    """Milliseconds of CPU time of the workers per request, without the database server's."""
    database: list[float] = field(default_factory=list)
    client: list[float] = field(default_factory=list)

    def add(self, answered: "Answered") -> None:
        self.rates.append(answered.rate)
        self.cpu.append(answered.worker)
        self.database.append(answered.database)
        self.client.append(answered.client)


@dataclass
class Outcome:
    """All measurements with one database of one size."""

    database: str
    products: int
    pages: dict[str, Page]
    measured: dict[str, Measured]
    counted: dict[str, dict[str, int]]
    memory: dict[str, int]
    purchases: Measured
    purchase_requests: int


def pages_of(sample: dict) -> list[Page]:
    """The pages measured; `sample` has URLs that exist in this database."""
    products, rayon, last = tuple(sample["products"]), sample["rayon"], sample["last_page"]
    forms = tuple(f"sku={sku}&quantity=1" for sku in sample["skus"])
    searches = tuple(f"/recherche/?q={urllib.request.quote(text)}" for text in SEARCHES)
    suggestions = tuple(f"/recherche/suggestions/?q={urllib.request.quote(text)}" for text in HALF_TYPED)
    cached, uncached = "cached", "uncached"
    return [
        Page("ready-made 20 KB answer", "bare", ("/ready",)),
        Page("bare cached page", "bare", ("/cached",)),
        Page("bare 20-card page", "bare", ("/cards",)),
        Page("home, from cache", cached, ("/",), "bare cached page", 0.6),
        Page("rayon, from cache", cached, (rayon,), "bare cached page", 0.6),
        Page("product, from cache", cached, products, "bare cached page", 0.6),
        Page("home, through nginx", "nginx", ("/",), "home, from cache", 8),
        Page("product, through nginx", "nginx", products, "product, from cache", 8),
        Page("home", uncached, ("/",), "bare 20-card page", 0.75),
        Page("rayon with facets", uncached, (rayon,), "bare 20-card page", 0.8, queries=6),
        Page("rayon, filtered", uncached, (f"{rayon}?dispo=1&prix=2-5",), "bare 20-card page", 0.7, queries=6),
        Page("rayon, deep page", uncached, (f"{rayon}?page={last}",), "bare 20-card page", 0.7, queries=6),
        Page("product", uncached, products, "bare 20-card page", 0.75, queries=6),
        Page("search", uncached, searches, "bare 20-card page", 0.6, queries=4),
        Page("suggestions while typing", uncached, suggestions, "bare 20-card page", 1.5, queries=5),
        Page(
            "add to basket", uncached, ("/panier/ajouter/",), "bare 20-card page", 0.8, body="\n".join(forms), queries=8
        ),
    ]


# --- Databases --------------------------------------------------------------------------------------------------------
def database_url(kind: str, products: int) -> str:
    if kind == "sqlite":
        VAR.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{VAR / f'{products}.sqlite3'}"
    return mysql_database(f"webmarket_bench_{products}")


def mysql_database(name: str) -> str:
    """The URL of a database, created when it does not exist."""
    server = (
        os.environ.get("BENCH_MYSQL_URL")
        or subprocess.run([ROOT / "deploy" / "local" / "mysql", "start"], check=True, capture_output=True, text=True)
        .stdout.strip()
        .splitlines()[-1]
    )
    base = re.sub(r"(mysql://[^/]+).*", r"\1", server)
    create = (
        "import MySQLdb, sys, urllib.parse as u; p = u.urlsplit(sys.argv[1]);"
        "MySQLdb.connect(host=p.hostname, port=p.port or 3306, user=p.username, password=p.password or '').cursor()"
        ".execute(f'CREATE DATABASE IF NOT EXISTS {sys.argv[2]} CHARACTER SET utf8mb4')"
    )
    subprocess.run([PYTHON, "-c", create, base, name], check=True)
    return f"{base}/{name}"


@dataclass(frozen=True)
class DatabaseServer:
    """The server's process, or none: SQLite runs in the workers, and another machine's time is not seen."""

    pid: int = 0

    @classmethod
    def of(cls, url: str) -> "DatabaseServer":
        """The mysqld of this machine that listens at the URL's port, where its files may be read."""
        if url.startswith("mysql:"):
            listening = {f"socket:[{inode}]" for inode in listeners(urlsplit(url).port or 3306)}
            for process in Path("/proc").glob("[0-9]*"):
                with contextlib.suppress(OSError):
                    if (process / "comm").read_text().strip() == "mysqld" and not listening.isdisjoint(
                        str(file.readlink()) for file in (process / "fd").iterdir()
                    ):
                        return cls(int(process.name))
        return cls()

    def cpu_seconds(self) -> float:
        """CPU time so far: also that of whoever else asks this server."""
        return process_seconds(self.pid) if self.pid else 0.0


def listeners(port: int) -> Iterator[str]:
    """Inodes of the sockets that listen at a port (Linux: proc_pid_net(5), state 0A)."""
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        for line in table.read_text().splitlines()[1:] if table.exists() else ():
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


def process_seconds(pid: int | str) -> float:
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


def environment(url: str) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "webmarket.settings",
        "DEMO": "true",
        "DEBUG": "false",
        "SECRET_KEY": "only for measuring",
        "CELERY_BROKER_URL": "memory://",
        "EMAIL_URL": "dummymail://",
        "LOG_LEVEL": "ERROR",
        "WEB_CONCURRENCY": str(WORKERS),
        "GUNICORN_ACCESS_LOG": "",
        "PYTHONPATH": f"{ROOT}:{BENCH}",
        "PYTHONWARNINGS": "ignore",
    }


def fill(env: dict[str, str], products: int) -> None:
    manage = [PYTHON, str(ROOT / "manage.py")]
    subprocess.run([*manage, "migrate", "-v0", "--skip-checks"], env=env, check=True, cwd=ROOT)
    subprocess.run([PYTHON, str(BENCH / "fill.py"), "--products", str(products)], env=env, check=True, cwd=ROOT)
    subprocess.run([*manage, "collectstatic", "-v0", "--noinput"], env=env, check=True, cwd=ROOT)


def sample(env: dict[str, str]) -> dict:
    """URLs and SKUs that exist: the fullest rayon, its last page up to 400, products in stock."""
    code = """
import json, sys, django
django.setup()
from apps.catalogue.listing import Filters, list_category, tree
from apps.catalogue.models import ProductCard
rayon = max(tree("fr").roots, key=lambda rayon: rayon.size)
pages = list_category(rayon, filters=Filters()).pages
cards = list(ProductCard.objects.filter(in_stock=True, pieces_left=None).exclude(sku="").order_by("pk")[:400:10])
json.dump({"rayon": rayon.url, "last_page": min(pages, 400), "skus": [card.sku for card in cards],
           "products": [f"/produit/{card.slug_fr}/" for card in cards]}, sys.stdout)
"""
    done = subprocess.run([PYTHON, "-c", code], env=env, check=True, cwd=ROOT, capture_output=True, text=True)
    return json.loads(done.stdout)


# --- Servers ----------------------------------------------------------------------------------------------------------
@dataclass
class Server:
    process: subprocess.Popen
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _workers(self) -> list[str]:
        return Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()

    def cpu_seconds(self) -> float:
        """CPU time that the workers have used so far."""
        return sum(map(process_seconds, self._workers()))

    def peak_memory(self) -> int:
        """Peak memory of the largest worker in bytes."""
        peaks = [re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text()) for pid in self._workers()]
        return max(int(peak[1]) * 1024 for peak in peaks if peak)


def serving(application: str, env: dict[str, str]) -> contextlib.AbstractContextManager[Server]:
    """The application under the shop's own gunicorn settings."""
    command = [PYTHON, "-m", "gunicorn", "-c", str(ROOT / "deploy" / "gunicorn.conf.py"), application]
    return running(lambda _port: command, env)


@contextlib.contextmanager
def running(command_for: Callable[[int], list[str]], env: dict[str, str]) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = command_for(port)
    VAR.mkdir(parents=True, exist_ok=True)
    with (VAR / "server.log").open("ab") as log:
        process = subprocess.Popen(
            command, env={**env, "PORT": str(port)}, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
        )
    server = Server(process, port)
    try:
        wait_for(server)
        yield server
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def wait_for(server: Server) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if server.process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port), 1):
            return
        time.sleep(0.1)
    sys.exit(f"The server did not start; see {VAR / 'server.log'}.")


# --- Measuring --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Answered:
    """Requests per second, and the milliseconds of CPU time that one costs each side of the machine they share."""

    rate: float
    worker: float
    database: float
    client: float


class Sides:
    """CPU time of the workers, of the database server where it runs on this machine, and of the client, a child."""

    def __init__(self, server: Server, database: DatabaseServer) -> None:
        self._server, self._database = server, database
        self._before = self._now()

    def each(self, requests: int, rate: float) -> Answered:
        used = (late - early for early, late in zip(self._before, self._now(), strict=True))
        return Answered(rate, *(seconds * 1000 / requests for seconds in used))

    def _now(self) -> tuple[float, float, float]:
        client = resource.getrusage(resource.RUSAGE_CHILDREN)
        return self._server.cpu_seconds(), self._database.cpu_seconds(), client.ru_utime + client.ru_stime


def ask(page: Page, server: Server, seconds: int, database: DatabaseServer) -> Answered:
    """Requests the page's paths in turn with wrk.

    Exits when one answer in a hundred is an error.
    """
    script = VAR / "wrk.lua"
    bodies = page.body.split("\n") if page.body else []
    script.write_text(
        f"local paths = {{{', '.join(json.dumps(path) for path in page.paths)}}}\n"
        f"local bodies = {{{', '.join(json.dumps(body) for body in bodies)}}}\n"
        "local n = 0\n"
        "function request()\n  n = n + 1\n  local path = paths[n % #paths + 1]\n"
        "  if #bodies == 0 then return wrk.format('GET', path) end\n"
        "  return wrk.format('POST', path, {['Connection'] = 'close',\n"
        "    ['Content-Type'] = 'application/x-www-form-urlencoded',\n"
        "    ['Sec-Fetch-Site'] = 'same-origin'}, bodies[n % #bodies + 1])\nend\n"
    )
    # A persistent connection stays with one worker, and by chance all eight may have the same one, at half the rate.
    # Closed after each answer, they are distributed like those of many visitors.
    closing = ["-H", "Connection: close"]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *closing, "-s", str(script), server.url]
    sides = Sides(server, database)
    report = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", report)
    total = re.search(r"(\d+) requests in", report)
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", report)
    if not rate or not total or total[1] == "0" or (wrong and int(wrong[1]) * 100 > int(total[1])):
        sys.exit(f"{page.name}: the shop answered with errors or not at all.\n{report}")
    return sides.each(int(total[1]), float(rate[1]))


def purchases_per_second(server: Server, seconds: int, found: dict, database: DatabaseServer) -> tuple[Answered, int]:
    products = [f"{sku}:{page}" for sku, page in zip(found["skus"], found["products"], strict=True)]
    command = [PYTHON, str(BENCH / "buyers.py"), server.url, str(seconds), *products]
    sides = Sides(server, database)
    result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout)
    if result["failure"]:
        sys.exit(f"A purchase failed: {result['failure']}")
    purchases = result["purchases"]
    return sides.each(purchases, purchases / result["seconds"]), result["requests"]


def count(env: dict[str, str], pages: list[Page]) -> dict[str, dict[str, int]]:
    lines = []
    for page in pages:
        if page.server == "uncached":
            target = f"POST {page.paths[0]} {page.body.splitlines()[0]}" if page.body else page.paths[0]
            lines.append(f"{page.name}\t{target}")
    done = subprocess.run(
        [PYTHON, str(BENCH / "count.py")],
        env={**env, "PAGE_CACHE": "false"},
        cwd=ROOT,
        check=True,
        input="\n".join(lines),
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


def measure(kind: str, products: int, *, rounds: int, seconds: int) -> Outcome:
    url = database_url(kind, products)
    env, database = environment(url), DatabaseServer.of(url)
    fill(env, products)
    found = sample(env)
    pages = pages_of(found)
    counted = count(env, pages)
    measured = {page.name: Measured() for page in pages}
    bought, requests = Measured(), 0
    with contextlib.ExitStack() as stack:
        servers = {
            "cached": stack.enter_context(serving("webmarket.wsgi:application", env)),
            "uncached": stack.enter_context(serving("webmarket.wsgi:application", {**env, "PAGE_CACHE": "false"})),
            "bare": stack.enter_context(serving("bare:application", env)),
        }
        upstream = f"127.0.0.1:{servers['cached'].port}"
        front = stack.enter_context(nginx.serving(upstream, visitors=nginx.MANY_VISITORS, log_buffered=True))
        servers["nginx"] = Server(front.process, front.port)
        for page in pages:
            ask(page, servers[page.server], WARM_UP_SECONDS, database)
        for turn in range(rounds):
            for page in pages:
                answered = ask(page, servers[page.server], seconds, database)
                result = measured[page.name]
                result.add(answered)
                if page.reference:
                    result.ratios.append(answered.rate / measured[page.reference].rates[turn])
                say(f"{kind} {products} round {turn + 1}: {page.name} {answered.rate:.0f}/s", *result.ratios[-1:])
            answered, requests = purchases_per_second(servers["cached"], seconds * 2, found, database)
            bought.add(answered)
            say(f"{kind} {products} round {turn + 1}: whole purchase {answered.rate:.1f}/s")
        memory = {name: server.peak_memory() for name, server in servers.items()}
    by_name = {page.name: page for page in pages}
    return Outcome(kind, products, by_name, measured, counted, memory, bought, requests)


# --- Report -----------------------------------------------------------------------------------------------------------
def report(outcomes: list[Outcome], options: argparse.Namespace) -> str:
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench` (`deploy/bench/run.py --help` says how it measures and which options it has). Rates",
        "depend on the machine; the ratios to bare Django beside it in the same round are what is compared. On a",
        "machine that does other things too, the processor time of one request says more than the rates: the workers'",
        "(CPU), the database server's and that of wrk, the client, which share the cores.",
        "Where the time goes, and what did not help: [benchmarks-profile.md](benchmarks-profile.md).",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores, {WORKERS} gunicorn"
        f" workers, {CONNECTIONS} connections, {options.rounds} rounds of {options.seconds} s for each page.",
    ]
    for outcome in outcomes:
        lines += ["", f"## {outcome.products:,} products, {outcome.database}".replace(",", "\u202f", 1), ""]
        columns = ("page", "per second (median)", "CPU, ms", "database, ms", "wrk, ms", "of")
        columns += ("ratio, median (min – max)", "at least", "queries", "bytes")
        lines += [f"| {' | '.join(columns)} |", "|---|---:|---:|---:|---:|---|---:|---:|---:|---:|"]
        for name, page in outcome.pages.items():
            result, counts = outcome.measured[name], outcome.counted.get(name, {})
            ratio = ""
            if result.ratios:
                low, high = min(result.ratios), max(result.ratios)
                ratio = f"**{statistics.median(result.ratios):.2f}** ({low:.2f} – {high:.2f})"
            allowed = f" of {page.queries}" if page.queries else ""
            queries = f"{counts['queries']}{allowed}" if counts else ""
            target = f"{page.target:g}" if page.target else ""
            cells = [name, f"{statistics.median(result.rates):,.0f}", *costs(result)]
            cells += [page.reference, ratio, target, queries]
            lines.append(f"| {' | '.join(cells)} | {counts.get('bytes', '')} |")
        rates = outcome.purchases.rates
        lines += ["", f"Whole guest purchase ({outcome.purchase_requests} requests): {statistics.median(rates):.1f} a"]
        lines[-1] += f" second ({min(rates):.1f} – {max(rates):.1f})."
        cpu, database, client = costs(outcome.purchases)
        lines[-1] += f" One costs the workers {cpu} ms, the database {database or '–'} and the buyers {client}."
        peaks = ", ".join(f"{name} {peak / 1024**2:.0f} MB" for name, peak in outcome.memory.items())
        lines += [f"Peak memory of a worker: {peaks}."]
    lines += growth(outcomes)
    return "\n".join(lines) + "\n"


def costs(result: Measured) -> list[str]:
    """Median milliseconds of workers, database server (empty where none is seen) and client."""
    worker, database, client = (
        f"{statistics.median(each):.2f}" for each in (result.cpu, result.database, result.client)
    )
    return [worker, database if any(result.database) else "", client]


def growth(outcomes: list[Outcome]) -> list[str]:
    """The cost of a page at the largest size relative to the smallest, as the quotient of their ratios."""
    lines = []
    for kind in dict.fromkeys(outcome.database for outcome in outcomes):
        sizes = [outcome for outcome in outcomes if outcome.database == kind]
        small, large = sizes[0], sizes[-1]
        if small is large:
            continue
        lines += ["", f"## Cost at {large.products:,} products against {small.products:,}, {kind}", ""]
        lines += ["| page | times (at most 1.3) | queries |", "|---|---:|---:|"]
        for name, result in large.measured.items():
            if result.ratios:
                times = statistics.median(small.measured[name].ratios) / statistics.median(result.ratios)
                counts = [each.counted.get(name, {}).get("queries", "") for each in (small, large)]
                lines.append(f"| {name} | {times:.2f} | {' → '.join(map(str, counts)) if counts[0] != '' else ''} |")
    return lines


def say(*parts: object) -> None:
    print(*(f"{part:.2f}" if isinstance(part, float) else part for part in parts), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=["sqlite", "mysql", "both"], default="both")
    parser.add_argument("--sizes", default="1000,10000,100000", help="numbers of products, separated by commas")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="for each page in each round")
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is missing: on Debian or Ubuntu, apt install wrk.")
    kinds = ["sqlite", "mysql"] if options.database == "both" else [options.database]
    outcomes = []
    for kind in kinds:
        for size in map(int, options.sizes.split(",")):
            outcomes.append(measure(kind, size, rounds=options.rounds, seconds=options.seconds))
            options.output.parent.mkdir(exist_ok=True)
            options.output.write_text(report(outcomes, options))
            RAW.write_text(json.dumps([asdict(outcome) for outcome in outcomes], indent=1))
    plots.write_plots(options.output)
    say(f"Written to {options.output}.")


if __name__ == "__main__":
    main()

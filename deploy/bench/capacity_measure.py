"""What one request of each step costs, and what visitors in the mix of the load test get, for capacity.py."""

import json
import os
import platform
import re
import statistics
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from capacity_model import STEPS, WORKERS, percentile
from run import BENCH, PYTHON, ROOT, Server, environment, fill, mysql_database, sample, say, serving

MYSQL = [str(ROOT / "deploy" / "local" / "mysql"), "--name", "capacity"]
TICKS = os.sysconf("SC_CLK_TCK")


class Database:
    """A MySQL of its own, so that nobody else's statements are counted."""

    def __init__(self) -> None:
        subprocess.run([MYSQL[0], "start", *MYSQL[1:]], check=True, capture_output=True)
        status = subprocess.run([MYSQL[0], "status", *MYSQL[1:]], capture_output=True, text=True).stdout
        found = re.search(r"process (\d+) at (mysql:\S+)", status)
        if not found:
            sys.exit(f"The database did not start: {status}")
        self.pid, self.url = int(found[1]), found[2]

    def remove(self) -> None:
        subprocess.run([MYSQL[0], "remove", *MYSQL[1:]], check=True, capture_output=True)

    def cpu(self) -> float:
        return sum(map(int, Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13])) / TICKS

    def counters(self) -> dict[str, int]:
        rows = self._ask("SHOW GLOBAL STATUS WHERE Variable_name IN ('Questions', 'Innodb_os_log_fsyncs')")
        return {name: int(value) for name, value in rows}

    def flush_seconds(self) -> float:
        """Of a commit that flushes the log alone: the median of 200."""
        code = """
import MySQLdb, sys, time, urllib.parse as u, statistics
p = u.urlsplit(sys.argv[1])
c = MySQLdb.connect(host=p.hostname, port=p.port, user=p.username, db=p.path[1:], autocommit=True).cursor()
c.execute("CREATE TABLE IF NOT EXISTS capacity_flush (id INT PRIMARY KEY, n INT)")
c.execute("REPLACE INTO capacity_flush VALUES (1, 0)")
took = []
for n in range(200):
    began = time.perf_counter()
    c.execute("UPDATE capacity_flush SET n = n + 1")
    took.append(time.perf_counter() - began)
c.execute("DROP TABLE capacity_flush")
print(statistics.median(took))
"""
        return float(subprocess.run([PYTHON, "-c", code, self.url], check=True, capture_output=True, text=True).stdout)

    def _ask(self, statement: str) -> list[list[str]]:
        code = (
            "import MySQLdb, sys, json, urllib.parse as u; p = u.urlsplit(sys.argv[1]);"
            "c = MySQLdb.connect(host=p.hostname, port=p.port, user=p.username).cursor();"
            "c.execute(sys.argv[2]); print(json.dumps(c.fetchall()))"
        )
        done = subprocess.run([PYTHON, "-c", code, self.url, statement], check=True, capture_output=True, text=True)
        return json.loads(done.stdout)


def machine_busy() -> float:
    """Seconds of processor time that this machine has used so far, all processes together."""
    user, nice, system, _idle, _wait, irq, soft, *_ = map(
        int, Path("/proc/stat").read_text().split("\n")[0].split()[1:]
    )
    return (user + nice + system + irq + soft) / TICKS


def run_first(pid: int) -> None:
    """Give the process's session priority over others, where one may: the machine is hardly ever quiet."""
    with suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text("-18")


def visit(server: Server, database: Database, found: dict, steps: str, seconds: float) -> dict[str, Any]:
    """What a run of visitors did, and what it cost."""
    counted = database.counters()
    before = (server.cpu_seconds(), database.cpu(), machine_busy())
    command = [PYTHON, str(BENCH / "visitors.py"), server.url, str(seconds), steps]
    done = subprocess.run(command, input=json.dumps(found), check=True, capture_output=True, text=True)
    after = (server.cpu_seconds(), database.cpu(), machine_busy())
    result = json.loads(done.stdout)
    ended = database.counters()
    python, own, busy = (late - early for early, late in zip(before, after, strict=True))
    requests = len(result["times"])
    others = max(0.0, busy - python - own - result["own_cpu"]) / result["seconds"] / (os.cpu_count() or 1)
    return {
        "steps": result["steps"],
        "requests": requests,
        "rate": requests / result["seconds"],
        "p95": percentile(result["times"]),
        "python": python / requests,
        "database": own / requests,
        "queries": (ended["Questions"] - counted["Questions"]) / requests,
        "flushes": (ended["Innodb_os_log_fsyncs"] - counted["Innodb_os_log_fsyncs"]) / requests,
        "client": result["own_cpu"] / requests,
        "others": others,
    }


def measure(written_to: Path, *, seconds: float, repeats: int) -> None:
    database = Database()
    try:
        os.environ["BENCH_MYSQL_URL"] = database.url
        run_first(os.getpid())
        run_first(database.pid)
        env = {**environment(mysql_database("webmarket_capacity")), "PAGE_CACHE": "false"}
        fill(env, 1000)
        found = sample(env)
        costs: dict[str, list[dict[str, Any]]] = {step: [] for step in STEPS}
        checked: dict[int, list[dict[str, Any]]] = {workers: [] for workers in WORKERS}
        flush = []
        for _turn in range(repeats):
            flush.append(database.flush_seconds())
            for workers in WORKERS:
                with serving("webmarket.wsgi:application", {**env, "WEB_CONCURRENCY": str(workers)}) as server:
                    run_first(server.process.pid)
                    visit(server, database, found, "mix", 2)
                    if workers == 1:
                        for step in STEPS:
                            costs[step].append(visit(server, database, found, step, seconds / 2))
                    checked[workers].append(visit(server, database, found, "mix", seconds))
                    say(f"{workers} workers: {checked[workers][-1]['rate']:.0f}/s", checked[workers][-1]["others"])
        written = {
            "date": f"{datetime.now(UTC):%Y-%m-%d}",
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "seconds": seconds,
            "flush": statistics.median(flush),
            "costs": costs,
            "mix": {str(workers): runs for workers, runs in checked.items()},
        }
        written_to.write_text(json.dumps(written, indent=1) + "\n")
    finally:
        database.remove()

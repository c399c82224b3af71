#!/usr/bin/env python3
"""Measures writing and reading comments beside the same contract in minimal FastAPI and in a bare Django view, all on
SQLite with 2 processes each, and writes docs/benchmarks-comments.md.

    .venv/bin/uv pip install -r deploy/requirements/bench.txt && deploy/bench/comments.py --rounds 5 --seconds 3

Every round measures each in turn over 8 connections; the ratio within the round counts. Each request claims another
visitor's IP, because of the shop's rate limits.
"""

import argparse
import contextlib
import os
import re
import statistics
import subprocess
import sys
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from run import (
    CONNECTIONS,
    PYTHON,
    ROOT,
    VAR,
    WARM_UP_SECONDS,
    WORKERS,
    Measured,
    Server,
    environment,
    running,
    say,
    serving,
)

RESULTS = ROOT / "docs" / "benchmarks-comments.md"
PATHS = {"shop": "/api/commentaires", "FastAPI": "/api/commentaires", "bare Django": "/comments"}
SECTION = "blog/la-saison-des-agrumes"
BODY = f'{{"sectionId": "{SECTION}-%d", "author": "Camille", "text": "Merci pour ces recettes, et bravo."}}'


def ask(method: str, path: str, server: Server, seconds: int) -> tuple[float, float]:
    """Requests per second, and milliseconds of CPU time of the workers per request."""
    script = VAR / "comments.lua"
    script.write_text(
        "local n = os.time() % 1000 * 10000\nfunction request()\n  n = n + 1\n"
        "  local headers = {['Content-Type'] = 'application/json', ['Connection'] = 'close',\n"
        "    ['X-Forwarded-For'] = '10.' .. n // 65536 % 256 .. '.' .. n // 256 % 256 .. '.' .. n % 256}\n".replace(
            "n // 65536", "math.floor(n / 65536)"
        ).replace("n // 256", "math.floor(n / 256)")
        + (
            f"  return wrk.format('POST', '{path}', headers, string.format('{BODY}', n % 50))\nend\n"
            if method == "POST"
            else f"  return wrk.format('GET', '{path}?sectionId={SECTION}-1', headers)\nend\n"
        )
    )
    before = server.cpu_seconds()
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), server.url]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    used = server.cpu_seconds() - before
    rate, total = re.search(r"Requests/sec:\s+([\d.]+)", output), re.search(r"(\d+) requests in", output)
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    if not rate or not total or total[1] == "0" or (wrong and int(wrong[1]) * 100 > int(total[1])):
        sys.exit(f"{method} {path}: answered with errors or not at all.\n{output}")
    return float(rate[1]), used * 1000 / int(total[1])


def measure(rounds: int, seconds: int) -> dict[tuple[str, str], Measured]:
    VAR.mkdir(parents=True, exist_ok=True)
    for old in VAR.glob("comments*.sqlite3*"):
        old.unlink()
    env = {**environment(f"sqlite:///{VAR / 'comments.sqlite3'}"), "TRUSTED_PROXY_COUNT": "1"}
    env["MINIMAL_DATABASE"] = str(VAR / "comments-minimal.sqlite3")
    subprocess.run([PYTHON, str(ROOT / "manage.py"), "migrate", "-v0", "--skip-checks"], env=env, check=True, cwd=ROOT)
    minimal = [PYTHON, "-m", "uvicorn", "minimal:app", "--workers", str(WORKERS), "--log-level", "warning"]
    measured = {(method, name): Measured() for method in ("POST", "GET") for name in PATHS}
    with contextlib.ExitStack() as stack:
        servers = {
            "shop": stack.enter_context(serving("webmarket.wsgi:application", env)),
            "FastAPI": stack.enter_context(running(lambda port: [*minimal, "--port", str(port)], env)),
            "bare Django": stack.enter_context(serving("bare:application", env)),
        }
        for method, name in measured:
            ask(method, PATHS[name], servers[name], WARM_UP_SECONDS)
        subprocess.run([PYTHON, "-c", PUBLISH], env=env, check=True, cwd=ROOT)
        for turn in range(rounds):
            for (method, name), result in measured.items():
                rate, cpu = ask(method, PATHS[name], servers[name], seconds)
                result.rates.append(rate)
                result.cpu.append(cpu)
                say(f"round {turn + 1}: {method} {name} {rate:.0f}/s, {cpu:.2f} ms")
    return measured


# Visitors' comments wait for a moderator: some are published, so that full pages are read.
PUBLISH = """
import django
django.setup()
from apps.comments.models import Comment
Comment.objects.update(status=Comment.Status.PUBLISHED)
"""


def report(measured: dict[tuple[str, str], Measured], options: argparse.Namespace) -> str:
    lines = [
        "# Comments beside FastAPI and bare Django",
        "",
        "Written by `deploy/bench/comments.py`, which says how. The shop also limits rates, checks captchas, repeats",
        "and keys, moderates and speaks two languages; the others take the same fields and write and read the same",
        "rows. On a machine that does other things too, the processors' time for one request says more than the rates.",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, SQLite, {os.cpu_count()} cores, {WORKERS} processes each, {CONNECTIONS}"
        f" connections, {options.rounds} rounds of {options.seconds} s.",
        "",
        "| call | server | per second (median) | CPU, ms | shop ÷ this, min – median – max |",
        "|---|---|---:|---:|---|",
    ]
    for (method, name), result in measured.items():
        ratios = [mine / other for mine, other in zip(measured[method, "shop"].rates, result.rates, strict=True)]
        ratio = f"{min(ratios):.2f} – **{statistics.median(ratios):.2f}** – {max(ratios):.2f}"
        rate, cpu = statistics.median(result.rates), statistics.median(result.cpu)
        lines.append(f"| {method} | {name} | {rate:,.0f} | {cpu:.2f} | {'' if name == 'shop' else ratio} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    if find_spec("fastapi") is None or find_spec("uvicorn") is None:
        sys.exit("FastAPI is missing, which only this needs: .venv/bin/uv pip install -r deploy/requirements/bench.txt")
    options.output.write_text(report(measure(options.rounds, options.seconds), options))
    say(f"Written to {options.output}.")


if __name__ == "__main__":
    main()

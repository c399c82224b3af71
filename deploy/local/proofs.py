"""`make proofs`: what no test in a minute can show, with real workers, real MySQL servers, and moto in AWS's place.

  make proofs                       everything but `large`: an hour or so on two cores
  make proofs ONLY=disasters,dst    the named parts alone: mail jobs effects dst imports replicas nginx migrations
                                    interrupted disasters large
  make proofs ONLY=large            a backup of 100,000 products and 50,000 orders (PRODUCTS, ORDERS), filled once

KILLS=50: how often a worker is killed while order e-mails are sent; SECONDS=210: how long a job is due each second.
Each part prints its figures; what a person had to settle is counted apart.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from dataclasses import dataclass

from environment import BIN, ROOT, make_environment, say
from selection import print_table, requested, run_as_command, select
from test import LOCK, server

PROOFS = "webmarket/tests/proofs"
PYTEST = ["pytest", "-m", "proof", "--capture=no", "--show-capture=no"]


@dataclass
class Part:
    """Files of tests, and whether they run only when they are named."""

    name: str
    files: tuple[str, ...]
    is_on_demand: bool = False
    outcome: str = ""
    failed: bool = False
    seconds: float = 0

    def run(self, variables: dict[str, str]) -> None:
        say(f"\n——— {self.name} ———")
        began = time.monotonic()
        command = [BIN / PYTEST[0], *PYTEST[1:], *(f"{PROOFS}/{file}" for file in self.files)]
        self.failed = subprocess.run(command, cwd=ROOT, env=variables).returncode != 0
        self.outcome = "failed" if self.failed else "held"
        self.seconds = time.monotonic() - began


def parts() -> list[Part]:
    return [
        Part("mail", ("test_killed_workers.py",)),
        Part("jobs", ("test_two_hosts.py",)),
        Part("effects", ("test_effects.py",)),
        Part("dst", ("test_clock_changes.py",)),
        Part("imports", ("test_killed_imports.py",)),
        Part("replicas", ("test_replicas.py",)),
        Part("nginx", ("test_nginx_answers.py", "test_nginx_cache.py")),
        Part("migrations", ("test_squashed_migrations.py",)),
        Part("interrupted", ("test_interrupted.py",)),
        Part("disasters", ("recovery/test_disasters.py",)),
        Part("large", ("recovery/test_large_backup.py",), is_on_demand=True),
    ]


def main() -> int:
    began = time.monotonic()
    chosen = [part for part in select(parts()) if requested() or not part.is_on_demand]
    make_environment(LOCK, mysql_required=True)
    with server(needed=True) as mysql:
        if lack := mysql.lack():
            say(f"not run: {lack}")
            return 1
        url = re.sub(r"/\w+$", "/webmarket_proofs", mysql.url)
        variables = {**os.environ, "DATABASE_URL": url, "LOG_LEVEL": "WARNING"}
        for part in chosen:
            part.run(variables)
    return print_table(chosen, seconds=time.monotonic() - began)


if __name__ == "__main__":
    run_as_command(main)

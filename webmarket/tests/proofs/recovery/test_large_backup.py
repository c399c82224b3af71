"""A large backup of an earlier release's schema is restored into an empty server, and the shop sells on it.

PRODUCTS=100000 ORDERS=50000: that large, unless told otherwise. To fill such a shop takes twenty minutes: its backup is
made once and kept in var/proofs/.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings

from apps.operations.services.backup.source import MARKER
from webmarket.tests.proofs.hosts import ended, wait_for
from webmarket.tests.proofs.mysql_pair import Member
from webmarket.tests.proofs.recovery.conftest import new_key
from webmarket.tests.proofs.recovery.older_backup import BEFORE
from webmarket.tests.proofs.recovery.shop import ROOT, Shop, environment, run

pytestmark = pytest.mark.proof
PRODUCTS = int(os.environ.get("PRODUCTS", "100000"))
ORDERS = int(os.environ.get("ORDERS", "50000"))
# As of a server with 2 GB.
BUFFER_POOL = "--innodb-buffer-pool-size=1G"
# From SIGTERM on, however much is being loaded.
LONGEST_END = 10
NOWHERE = "mysql://root@127.0.0.1:1/lost"


class Stored(NamedTuple):
    """A folder with a backup and the key that signed it."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"BACKUP_FOLDER": str(self.folder / "backups"), "BACKUP_SIGNING_KEY": str(self.folder / "key.pem")}


@pytest.fixture
def stored(make_server, tmp_path) -> Stored:
    stored = Stored(Path(settings.VAR_DIR) / "proofs" / f"large-{PRODUCTS}-{ORDERS}")
    if not list(stored.folder.glob("backups/database/*/manifest.json")):
        stored.folder.mkdir(parents=True, exist_ok=True)
        new_key(stored.folder / "key.pem")
        shop = Shop(tmp_path, environment(make_server(BUFFER_POOL).url, **stored.environment))
        shop.fill(products=PRODUCTS, orders=ORDERS)
        done = run([sys.executable, "-m", "webmarket.tests.proofs.recovery.older_backup"], shop.environment)
        assert done.code == 0, done.errors
        print(f"\nbacked up: {done.output}, {done.peak:.0f} MB of memory", flush=True)
    return stored


def ended_while_it_loads(shop: Shop, server: Member) -> float:
    """Seconds until a restore has ended after SIGTERM, with four connections in the middle of their parts."""
    target = server.url.replace("/webmarket", "/webmarket_ended")
    command = [sys.executable, "manage.py", "restore", "--into", target]
    with (shop.folder / "ended").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=shop.environment, stdout=log, stderr=log)
    with ended(process):
        wait_for("some of it is loaded", lambda: loaded(server) >= 20, seconds=600)
        began = time.monotonic()
        process.terminate()
        code = process.wait(timeout=120)
        seconds = time.monotonic() - began
    assert code == 128 + signal.SIGTERM, (shop.folder / "ended").read_text()
    server.do("DROP DATABASE webmarket_ended")
    return seconds


def loaded(server: Member) -> int:
    """How many parts."""
    is_begun = "SELECT COUNT(*) AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'webmarket_ended'"
    if not server.do(f"{is_begun} AND TABLE_NAME = '{MARKER}'")[0]["n"]:
        return 0
    steps = f"SELECT COUNT(*) AS n FROM webmarket_ended.{MARKER} WHERE step LIKE 'database/%'"  # noqa: S608
    return int(server.do(steps)[0]["n"])


def test_a_large_backup_of_an_older_schema(stored: Stored, make_server, tmp_path):
    server: Member = make_server(BUFFER_POOL)
    target = server.url.replace("/webmarket", "/webmarket_restored")
    lost = Shop(tmp_path, environment(NOWHERE, **stored.environment))
    seconds = ended_while_it_loads(lost, server)
    print(f"\nended by SIGTERM while it loaded: {seconds:.1f} s", flush=True)
    assert seconds < LONGEST_END
    began = time.monotonic()
    done = lost.type(["restore", "--into", target, "--json"])
    result = done.answer["result"]
    apps = {name.partition(".")[0] for name in result["migrations_run"]}
    assert (result["content_checked"], result["faults"], apps) == (True, 0, set(BEFORE))
    shop = lost.moved_to(target)
    judged = shop.judged("orders", "for_sale")
    assert len(judged["orders"]) == ORDERS
    with shop.open():
        status, page = shop.get(judged["for_sale"][0][1])
        assert (status, "€" in page) == (200, True)
        placed = shop.buy(judged["for_sale"], 1)
        ready = time.monotonic() - began
        placed += shop.buy(judged["for_sale"], 4)
    after = shop.judged("orders", "faults")
    assert (after["orders"], after["faults"]) == ([*judged["orders"], *placed], [])
    print(f"\n{PRODUCTS} products, {ORDERS} orders: {result['rows']} rows, a backup of {result['bytes'] / 1e6:.1f} MB")
    print("\n".join(done.errors.splitlines()[-12:]))
    print(f"restored, compared and migrated forward: {done.seconds:.0f} s, {done.cpu:.0f} s of processor in Python")
    print(f"most memory: {done.peak:.0f} MB; migrations: {len(result['migrations_run'])}")
    print(f"first order on it: {ready:.0f} s after the command")

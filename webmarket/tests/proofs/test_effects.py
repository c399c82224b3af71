"""Jobs that leave something behind (a snapshot, a file, an e-mail), by two workers of concurrency 4 and two schedulers.

The queue delivers twice and in another order; a worker is killed while it writes a file; the database fails over twice,
once while a file is written: its server is killed and another takes its place on the same storage, as RDS Multi-AZ does
(https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html). Each planned moment has its
effect once, each order its e-mail once; what people had to settle is counted apart.
"""

import http.client
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from apps.common.tests.mail_server import mail_server
from webmarket.tests.proofs.hosts import Host, Relay, running, wait_for
from webmarket.tests.proofs.mysql_pair import Member
from webmarket.tests.proofs.recovery.conftest import new_key
from webmarket.tests.proofs.recovery.shop import NotingBuyer, Shop, environment, run
from webmarket.tests.proofs.unreliable_sqs import unreliable_sqs

pytestmark = pytest.mark.proof
# Longer than a run may take on these hosts (probe.py).
VISIBLE_AGAIN = 70
# A snapshot is named after its minute: two of them are two minutes apart.
FIRST, BETWEEN, JOBS = 20, 60, 5
WORKER = ("worker", "-Q", "default,operations", "--concurrency", "4", "--include", "webmarket.tests.proofs.probe")
WORKER += ("--without-gossip", "--without-mingle", "-l", "WARNING")
BEAT = ("beat", "--pidfile=", "-l", "WARNING")


class Database:
    """A MySQL server by a name that stays, as RDS gives one: where it fails over, the name leads to the next host."""

    def __init__(self) -> None:
        self.host = Member(31)
        self.host.start(fast=True)
        self.name = Relay(("127.0.0.1", self.host.port))

    @property
    def url(self) -> str:
        return f"mysql://root@127.0.0.1:{self.name.port}/webmarket"

    def begin(self) -> None:
        """From here on its log is flushed at each commit, as RDS does."""
        self.host.stop()
        self.host.start(fast=False)
        self.name.server = ("127.0.0.1", self.host.port)

    def fail_over(self) -> float:
        """Returns how long nobody answered."""
        began = time.monotonic()
        self.host.kill()
        self.name.refuse()
        self.host.start(fast=False)
        self.name.server = ("127.0.0.1", self.host.port)
        self.name.answer()
        return time.monotonic() - began

    def remove(self) -> None:
        self.name.close()
        self.host.remove()


@pytest.fixture
def database() -> Iterator[Database]:
    database = Database()
    yield database
    database.remove()


def test_each_effect_comes_once(make_queues, aws, aws_server, database: Database, tmp_path):
    key = str(new_key(tmp_path / "key.pem"))
    urls = make_queues(visible_again=VISIBLE_AGAIN)
    rds = aws("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="webmarket",
        DBInstanceClass="db.t4g.small",
        Engine="mysql",
        MasterUsername="a",
        MasterUserPassword="at least eight",
        AllocatedStorage=20,
    )
    with mail_server() as mail, unreliable_sqs(aws_server) as queue:
        more = {
            "PROOF_HOST": "yes",
            "AWS_REGION": "eu-west-3",
            "AWS_ENDPOINT_URL_SQS": queue.url,
            "CELERY_BROKER_URL": "sqs://",
            "CELERY_QUEUE_URLS": ",".join(f"{name}={url.replace(aws_server, queue.url)}" for name, url in urls.items()),
            "EMAIL_URL": f"smtp://127.0.0.1:{mail.port}",
            "DATABASE_INSTANCE": "webmarket",
            "BACKUP_FOLDER": str(tmp_path / "backups"),
            "BACKUP_SIGNING_KEY": key,
        }
        shop = Shop(tmp_path, environment(database.url, **more))
        shop.fill(products=60, orders=0)
        database.begin()
        hosts = [Host(name, shop.environment, tmp_path) for name in ("one", "two")]
        kinds = {"snapshot": {}, "file": {"options": {"logical": True}}}
        jobs = [
            {
                "name": f"{('snapshot', 'file')[number % 2]} {number}",
                "task": "operations.backup_manager",
                "kwargs": kinds[("snapshot", "file")[number % 2]],
                "in_seconds": FIRST + BETWEEN * number,
            }
            for number in range(JOBS)
        ]
        happened: list[str] = []
        with running(*hosts), shop.open():
            for host in hosts:
                host.start(*WORKER, "--hostname", host.name)
                host.start(*BEAT)
            for_sale = shop.judged("for_sale")["for_sale"]
            ask(shop, "plan", jobs)
            with selling(shop, for_sale) as confirmed:
                happened.append(kill_in_mid_file(database, hosts, 1))
                wait_for("a file is written", lambda: writes(database, 2), seconds=200, every=0.02)
                happened.append(f"database failed over while a file was written: away for {database.fail_over():.1f} s")
                wait_for("the last job began", lambda: begun(database, jobs[-1]["name"]), seconds=300, every=0.5)
                happened.append(f"database failed over: away for {database.fail_over():.1f} s")
                count = len(confirmed)
                wait_for("the shop sells again", lambda: len(confirmed) > count + 2, seconds=120)
            wait_for(lambda: f"every job has ended\n{left(database)}", lambda: not left(database), seconds=400, every=1)
            settled = drain(shop, database, mail)
        orders = shop.judged("orders", "faults")
        emails = ask(shop, "emails")
    # Without the one that moto takes of each new instance by itself.
    snapshots = [
        each["DBSnapshotIdentifier"] for each in rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    ]
    files = [path.parent.name for path in (tmp_path / "backups").glob("database/*/manifest.json")]
    halves = {path.name for path in (tmp_path / "backups").glob("database/*")} - set(files)
    rows = database.host.do("SELECT job, error FROM operations_duejob WHERE task = 'operations.backup_manager'")
    wanted = Counter(job["name"].split()[0] for job in jobs)
    due = {name for name, _status in emails}
    print("\n" + "\n".join(happened))
    print(f"queue: {dict(queue.happened)}")
    print(f"{'':<12}{'planned':>8}{'there':>8}{'missing':>9}{'twice':>7}")
    for what, planned, there in (("snapshots", wanted["snapshot"], snapshots), ("files", wanted["file"], files)):
        missing, twice = max(0, planned - len(there)), max(0, len(there) - planned)
        print(f"{what:<12}{planned:>8}{len(there):>8}{missing:>9}{twice:>7}")
    taken, twice = set(mail.taken), len(mail.more_than_once)
    print(f"{'e-mails':<12}{len(due):>8}{len(taken):>8}{len(due - taken):>9}{twice:>7}")
    lost = set(confirmed) - set(orders["orders"])
    print(f"orders that a visitor saw confirmed: {len(confirmed)}, of them lost: {len(lost)}")
    print(f"half files that cleanup takes: {len(halves)}")
    print(f"a person had to settle: e-mails {settled or 'none'}; failed jobs {[row for row in rows if row['error']]}")
    assert (len(snapshots), len(files)) == (wanted["snapshot"], wanted["file"])
    assert not [row for row in rows if row["error"]]
    assert taken == due
    assert mail.more_than_once == []
    assert not lost
    assert orders["faults"] == []


def ask(shop: Shop, what: str, given: Any = None) -> Any:
    command = [sys.executable, "-m", "webmarket.tests.proofs.effects", what]
    done = run(command, shop.environment, given=json.dumps(given))
    assert done.code == 0, done.errors
    return json.loads(done.output) if done.output else None


@contextmanager
def selling(shop: Shop, for_sale: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    """Visitors order all the time, and whoever meets a failure leaves; the list grows by what was confirmed."""
    confirmed: list[str] = []
    stop = threading.Event()

    def sell() -> None:
        number = 0
        while not stop.wait(0.5):
            number += 1
            buyer = NotingBuyer(shop.url)
            try:
                if not buyer.buy(*for_sale[number % len(for_sale)]):
                    confirmed.append(buyer.number)
            except (OSError, http.client.HTTPException):
                continue

    seller = threading.Thread(target=sell)
    seller.start()
    try:
        yield confirmed
    finally:
        stop.set()
        seller.join()


def writes(database: Database, least: int) -> int:
    """The process that writes a file just now, once so many have begun to."""
    runs = database.host.do(
        "SELECT pid, state FROM operations_operationrun WHERE options LIKE '%\"logical\": true%' ORDER BY id"
    )
    return next((run["pid"] for run in runs if run["state"] == "RUNNING"), 0) if len(runs) >= least else 0


def kill_in_mid_file(database: Database, hosts: Sequence[Host], least: int) -> str:
    pids: list[int] = []

    def is_written() -> bool:
        if pid := writes(database, least):
            pids.append(pid)
        return bool(pids)

    wait_for("a file is written", is_written, seconds=200, every=0.02)
    (host,) = (each for each in hosts if pids[-1] in each.children("worker"))
    host.kill()
    host.start(*WORKER, "--hostname", host.name)
    host.start(*BEAT)
    return f"host {host.name} killed with -9 while its worker wrote a file"


def begun(database: Database, job: str) -> list[dict[str, Any]]:
    return database.host.do(f"SELECT id FROM operations_duejob WHERE job = '{job}' AND started_at IS NOT NULL")  # noqa: S608


def left(database: Database) -> str:
    """Planned jobs that have not ended, sweeps apart."""
    rows = database.host.do(
        "SELECT p.name, d.started_at, d.finished_at, d.error FROM django_celery_beat_periodictask AS p "
        "LEFT JOIN operations_duejob AS d ON d.job = p.name "
        "WHERE p.task = 'operations.backup_manager' AND p.clocked_id IS NOT NULL AND d.finished_at IS NULL"
    )
    return "\n".join(map(str, rows))


def drain(shop: Shop, database: Database, mail: Any) -> dict[str, int]:
    """Until each e-mail has left; who is in doubt looks at the mail server. Returns what a person had to do."""
    unsent = "SELECT status, COUNT(*) AS n FROM common_outboxemail WHERE status <> 'SENT' GROUP BY status"
    settled: Counter[str] = Counter()

    def is_done() -> bool:
        if not database.host.do(unsent):
            return True
        settled.update(ask(shop, "settle", list(mail.taken)))
        return False

    wait_for(lambda: f"all e-mails have left: {database.host.do(unsent)}", is_done, seconds=300, every=5)
    return dict(settled)

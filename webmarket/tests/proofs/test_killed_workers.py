"""A worker is killed again and again while order e-mails leave: none is lost, none leaves twice."""

import os
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from apps.common import outbox
from apps.common.models import OutboxEmail
from apps.common.outbox import send_again, send_pending_emails, settle_as_sent
from apps.common.tests.mail_server import MailServer, mail_server
from webmarket.tests.proofs.hosts import OWN, Host, ended, environment, running, some_time, wait_for

pytestmark = [pytest.mark.proof, pytest.mark.mysql, pytest.mark.django_db(transaction=True)]
KILLS = int(os.environ.get("KILLS", "50"))
WORKER = ("worker", "-Q", "default", "--concurrency", "1", "--without-gossip", "--without-mingle", "-l", "WARNING")
Status = OutboxEmail.Status
# A kill lands at any moment, on the child that sends or on the whole host, or between the mail server's acceptance
# and its answer, which is the worst of moments.
MOMENTS = ("host", "child", "acceptance")


def test_no_order_email_is_lost_or_sent_twice(make_queues, settings, tmp_path):
    queues = make_queues(visible_again=3)
    with mail_server() as server:
        server.answer_after = 0.02
        host = Host("mail", environment(queues, EMAIL_URL=f"smtp://127.0.0.1:{server.port}"), tmp_path)
        enough = tmp_path / "enough"
        command = [sys.executable, "-m", "webmarket.tests.proofs.place_orders", "0.4", str(enough)]
        shop = subprocess.Popen(command, env=host.environment, **OWN)
        with running(host), ended(shop):
            host.start(*WORKER)
            states = Counter(kill(host, server, MOMENTS[number % 3]) for number in range(KILLS))
            enough.touch()
            drain(host)
        doubts = settle(server, settings)
    owed = [outbox.message_id(each) for each in OutboxEmail.objects.all()]
    print(f"\n{KILLS} kills, and what was just leaving then:")
    for what, times in sorted(states.items()):
        print(f"  {what:<24}{times:>4}")
    print(f"{len(owed)} e-mails owed, {len(server.taken)} taken by the mail server, {server.unfinished} broken off")
    print(f"doubts that people settled: {dict(doubts)}")
    print(f"lost: {len(set(owed) - set(server.taken))}   twice: {len(server.more_than_once)}")
    assert set(server.taken) == set(owed), host.said()
    assert server.more_than_once == []
    assert set(OutboxEmail.objects.values_list("status", flat=True)) == {Status.SENT}


def kill(host: Host, server: MailServer, moment: str) -> str:
    """Kill once mail flows; returns what state the message was in that was just leaving. Then ten minutes pass."""
    before = sum(server.taken.values())
    wait_for(
        lambda: f"mail flows\n{host.said()}", lambda: sum(server.taken.values()) > before + 1, seconds=180, every=0.01
    )
    if moment == "acceptance":
        process = host.programs["worker"]
        server.on_taken = lambda _message: host.kill("worker") if "worker" in host.programs else None
        wait_for("a message is taken", lambda: process.poll() is not None, seconds=60, every=0.005)
        server.on_taken = lambda _message: None
    elif moment == "host":
        some_time(0.3)
        host.kill("worker")
    else:
        some_time(0.3)
        host.kill_child("worker")
    died = timezone.now()
    recent = {"claimed_at__lt": died, "claimed_at__gt": died - outbox.STALE}
    left = OutboxEmail.objects.filter(status__in=[Status.SENDING, Status.HANDED], **recent)
    found = "+".join(sorted(left.values_list("status", flat=True))) or "none"
    if moment != "child":
        host.start(*WORKER)
    pass_ten_minutes(died)
    print(f"{moment}: {found}; {len(server.taken)} taken, {len(server.more_than_once)} twice", flush=True)
    return f"{moment}: {found}"


def pass_ten_minutes(died) -> None:
    """For what a worker that is dead had begun."""
    begun = OutboxEmail.objects.filter(status__in=[Status.SENDING, Status.HANDED], claimed_at__lte=died)
    begun.update(claimed_at=F("claimed_at") - outbox.STALE)


def drain(host: Host) -> None:
    """The last kill was the last: the worker and the sweep do the rest."""
    pass_ten_minutes(timezone.now())
    unsent = OutboxEmail.objects.filter(status__in=[Status.OWED, Status.SENDING])
    wait_for("all e-mails have left", lambda: not unsent.exists(), seconds=900, every=0.5)
    # Whatever message is still in the queue finds its e-mail sent.
    time.sleep(5)
    assert host.stop("worker") == 0


def settle(server: MailServer, settings) -> Counter:
    """People look for each doubt at the mail server, as the page of messages tells them to."""
    settings.EMAIL_BACKEND = "apps.common.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    now = timezone.now() + timedelta(minutes=15)
    found: Counter = Counter()
    for doubt in outbox.in_doubt(now=now):
        has_it = outbox.message_id(doubt) in server.taken
        (settle_as_sent if has_it else send_again)(email=doubt, now=now)
        found["taken" if has_it else "not taken, sent again"] += 1
    send_pending_emails()
    return found

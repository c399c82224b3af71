"""A worker is killed repeatedly while order e-mails are sent: none is lost, none is sent twice."""

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
# Moments of a kill: any, of the pool's process or of the whole host; or between the mail server's acceptance and its
# answer, when the outcome is unknown.
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
    message_ids = [outbox.message_id(each) for each in OutboxEmail.objects.all()]
    print(f"\n{KILLS} kills, and what was just leaving then:")
    for what, times in sorted(states.items()):
        print(f"  {what:<24}{times:>4}")
    print(f"{len(message_ids)} e-mails, {len(server.taken)} taken by the mail server, {server.unfinished} broken off")
    print(f"doubts that people settled: {dict(doubts)}")
    print(f"lost: {len(set(message_ids) - set(server.taken))}   twice: {len(server.more_than_once)}")
    assert set(server.taken) == set(message_ids), host.log_tail()
    assert server.more_than_once == []
    assert set(OutboxEmail.objects.values_list("status", flat=True)) == {Status.SENT}


def kill(host: Host, server: MailServer, moment: str) -> str:
    """Kill while mail is being sent; returns the status of the message that was being sent. Then ten minutes pass."""
    before = sum(server.taken.values())
    wait_for(
        lambda: f"mail flows\n{host.log_tail()}",
        lambda: sum(server.taken.values()) > before + 1,
        seconds=180,
        every=0.01,
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
    """Make claims of the dead worker ten minutes old."""
    begun = OutboxEmail.objects.filter(status__in=[Status.SENDING, Status.HANDED], claimed_at__lte=died)
    begun.update(claimed_at=F("claimed_at") - outbox.STALE)


def drain(host: Host) -> None:
    """After the last kill: let the worker and the sweep send the rest."""
    pass_ten_minutes(timezone.now())
    unsent = OutboxEmail.objects.filter(status__in=[Status.PENDING, Status.SENDING])
    wait_for("all e-mails have left", lambda: not unsent.exists(), seconds=900, every=0.5)
    # Tasks left in the queue find their e-mails sent.
    time.sleep(5)
    assert host.stop("worker") == 0


def settle(server: MailServer, settings) -> Counter:
    """Do what the page of messages tells staff: look for each uncertain message at the mail server."""
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

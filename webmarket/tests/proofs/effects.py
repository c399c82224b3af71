"""What test_effects asks of the database of DATABASE_URL, in a process of its own.

python -m webmarket.tests.proofs.effects plan < JSON    switches the timetable off, and plans jobs: name, task, kwargs,
                                                        in_seconds
python -m webmarket.tests.proofs.effects settle < JSON  given the Message-IDs that a mail server took, does what the
                                                        page of e-mails says of each that is in doubt, ten minutes later
python -m webmarket.tests.proofs.effects emails         prints each e-mail's Message-ID and status
"""

import json
import os
import sys
from collections import Counter
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmarket.settings")
django.setup()

from django.db.models import F  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_celery_beat.models import ClockedSchedule, IntervalSchedule, PeriodicTask  # noqa: E402

from apps.common import outbox  # noqa: E402
from apps.common.models import OutboxEmail  # noqa: E402
from apps.operations.planned import lease  # noqa: E402

Status = OutboxEmail.Status
MINUTE = timedelta(minutes=1)


def plan() -> None:
    PeriodicTask.objects.update(enabled=False)
    every, _ = IntervalSchedule.objects.get_or_create(every=10, period="seconds")
    PeriodicTask.objects.create(name="sweep", task="common.send_pending_emails", interval=every)
    now = lease.database_now()
    for job in json.load(sys.stdin):
        moment = ClockedSchedule.objects.create(clocked_time=now + timedelta(seconds=job["in_seconds"]))
        PeriodicTask.objects.create(
            name=job["name"], task=job["task"], clocked=moment, one_off=True, kwargs=json.dumps(job["kwargs"])
        )


def settle() -> None:
    taken = set(json.load(sys.stdin))
    now = timezone.now()
    # Nobody alive takes a minute: the mail server answers at once.
    dead = OutboxEmail.objects.filter(status__in=[Status.SENDING, Status.HANDED], claimed_at__lt=now - MINUTE)
    dead.update(claimed_at=F("claimed_at") - outbox.STALE)
    found: Counter[str] = Counter()
    for doubt in outbox.in_doubt(now=now):
        has_it = outbox.message_id(doubt) in taken
        (outbox.settle_as_sent if has_it else outbox.send_again)(email=doubt, now=now)
        found["taken by the mail server" if has_it else "sent again"] += 1
    json.dump(found, sys.stdout)


def emails() -> None:
    json.dump([[outbox.message_id(each), each.status] for each in OutboxEmail.objects.all()], sys.stdout)


if __name__ == "__main__":
    {"plan": plan, "settle": settle, "emails": emails}[sys.argv[1]]()

from celery import shared_task
from django.utils import timezone

from apps.backoffice.services.refused_reductions import notify_of_refused_reductions as notify
from apps.backoffice.services.roll_up import roll_up_day, roll_up_recent


@shared_task(name="backoffice.roll_up_today")
def roll_up_today(**_: object) -> None:
    now = timezone.now()
    roll_up_day(day=timezone.localdate(now), now=now)


@shared_task(name="backoffice.roll_up_month")
def roll_up_month(**_: object) -> None:
    roll_up_recent(now=timezone.now())


@shared_task(name="backoffice.tell_of_refused_reductions")
def notify_of_refused_reductions(**_: object) -> None:
    notify(now=timezone.now())

from celery import shared_task
from django.utils import timezone

from apps.aftersales import retention, services


@shared_task(name="aftersales.remind_team")
def remind_team(**_unknown: object) -> int:
    """Every morning: refunds that the law wants made within three days."""
    return services.remind_team(now=timezone.now())


@shared_task(name="aftersales.anonymise_withdrawals")
def anonymise_withdrawals(**_unknown: object) -> int:
    """Every night: names of declarations settled long ago."""
    return retention.anonymise_withdrawals(now=timezone.now())

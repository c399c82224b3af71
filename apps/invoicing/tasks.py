from celery import shared_task
from django.utils import timezone

from apps.invoicing import services


@shared_task(name="invoicing.issue_missing")
def issue_missing(**_unknown: object) -> int:
    """Every minute: issue and render what sales and refunds have no document for."""
    issued = services.issue_missing(now=timezone.now())
    services.render_missing(now=timezone.now())
    return issued


@shared_task(name="invoicing.close_ended")
def close_ended(**_unknown: object) -> int:
    """Every night: issue what the minutes missed, then close the days, months and years that have ended."""
    services.issue_missing(now=timezone.now(), everything=True)
    return len(services.close_ended(now=timezone.now()))

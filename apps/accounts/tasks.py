from celery import shared_task
from django.utils import timezone

from apps.accounts import retention


@shared_task(name="accounts.forget_visits")
def purge_visits(**_future: object) -> None:
    retention.purge_visits(now=timezone.now())

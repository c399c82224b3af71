from celery import shared_task
from django.utils import timezone

from apps.api import retention


@shared_task(name="api.forget_answers")
def purge_answers(**_future: object) -> None:
    retention.purge_answers(now=timezone.now())

from celery import shared_task
from django.utils import timezone

from apps.api.idempotency import forget_answers as forget


@shared_task(name="api.forget_answers")
def forget_answers(**_future: object) -> None:
    forget(now=timezone.now())

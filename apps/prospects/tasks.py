from typing import Any

from celery import shared_task
from django.utils import timezone

from apps.prospects import services


@shared_task(name="prospects.purge_deleted")
def purge_deleted(**_: Any) -> None:
    services.purge_deleted(now=timezone.now())

from celery import shared_task
from django.utils import timezone

from apps.basket import retention


@shared_task(name="basket.purge_baskets")
def purge_baskets(**_unknown: object) -> int:
    return retention.purge_baskets(now=timezone.now())

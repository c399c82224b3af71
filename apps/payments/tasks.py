from celery import shared_task
from django.utils import timezone

from apps.payments import services


@shared_task(name="payments.reconcile_payments")
def reconcile_payments(**_unknown: object) -> int:
    return services.reconcile_payments(now=timezone.now())

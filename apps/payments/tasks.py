from celery import shared_task
from django.utils import timezone

from apps.payments import services


@shared_task(name="payments.reconcile_payments")
def reconcile_payments(**_unknown: object) -> int:
    return services.reconcile_payments(now=timezone.now())


@shared_task(name="payments.read_provider_books")
def read_provider_books(**_unknown: object) -> dict[str, int]:
    """Disputes, and refunds made in a provider's dashboard, for messages that never came; reminders of disputes."""
    now = timezone.now()
    return {
        "disputes": services.fetch_disputes(now=now),
        "refunds": services.fetch_refunds(now=now),
        "reminded": services.remind_of_disputes(now=now),
    }

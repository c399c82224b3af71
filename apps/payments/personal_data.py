"""What of a person's data a dispute still needs: evidence is e-mail, telephone and proof of delivery (GDPR art. 17,
3, e: legal claims)."""

from apps.accounts.models import User
from apps.payments.models import Dispute
from apps.payments.querysets import DisputeQuerySet


def open_disputes(*, user: User) -> list[str]:
    """Numbers of the orders whose payment is disputed and not decided yet."""
    return _numbers(Dispute.objects.filter(payment__order__user=user))


def open_guest_disputes(*, email: str) -> list[str]:
    """The same for what was ordered without an account."""
    return _numbers(Dispute.objects.filter(payment__order__email=email, payment__order__user=None))


def _numbers(found: DisputeQuerySet) -> list[str]:
    return list(found.open().order_by().values_list("payment__order__number", flat=True).distinct())

"""E-mails to the colleagues who answer disputes and give money back."""

from datetime import datetime

from apps.accounts.services import colleagues_who_may
from apps.common import outbox
from apps.payments.emails import PaymentEmail

DISPUTES, REFUNDS = "payments.view_dispute", "payments.add_refund"


def notify_team(*, kind: PaymentEmail, permission: str, object_id: int, occasion: str, now: datetime) -> int:
    """Enqueue one e-mail for each colleague who has the permission, inside the caller's transaction; returns how many.
    A repeat of the same occasion enqueues none again. One query, and one for each person."""
    people = list(colleagues_who_may(permission))
    for user in people:
        outbox.enqueue(
            kind=kind,
            key=f"{kind.value}-{object_id}-{occasion}-{user.pk}",
            object_id=object_id,
            occasion=str(user.pk),
            language=user.language,
            now=now,
        )
    return len(people)

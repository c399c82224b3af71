from datetime import datetime, timedelta

from django.db import transaction

from apps.accounts.models import User
from apps.accounts.services import colleagues_who_may
from apps.aftersales.emails import AfterSalesEmail
from apps.aftersales.models import Withdrawal
from apps.common import outbox

# Before the fourteenth day.
AHEAD = timedelta(days=3)
AT_ONCE = 200


def remind_team(*, now: datetime) -> int:
    """Enqueue a reminder of each refund that is due within three days, once; returns how many withdrawals it was of.

    A repeat, or another worker at the same time, reminds of none again. With nobody to remind they stay for whoever
    comes.
    """
    people = list(colleagues_who_may("aftersales.change_withdrawal"))
    if not people:
        return 0
    due = Withdrawal.objects.to_remind(by=now + AHEAD).order_by("refund_due_at", "pk")
    return sum(_remind(pk, people, now=now) for pk in due.values_list("pk", flat=True)[:AT_ONCE])


def _remind(pk: int, people: list[User], *, now: datetime) -> bool:
    with transaction.atomic(durable=True):
        if not Withdrawal.objects.to_remind(by=now + AHEAD).filter(pk=pk).update(reminded_at=now):
            return False
        for user in people:
            outbox.enqueue(
                kind=AfterSalesEmail.REMINDER,
                key=f"withdrawal-{pk}-reminder-{user.pk}-{now:%Y-%m-%d}",
                object_id=pk,
                occasion=str(user.pk),
                language=user.language,
                now=now,
            )
    return True

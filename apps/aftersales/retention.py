"""How long it is kept who withdrew from a contract."""

from datetime import datetime, timedelta

from apps.aftersales.models import Withdrawal

# As long as somebody may claim money of it (art. 2224 code civil: five years).
NAME_RETENTION = timedelta(days=5 * 365)


def anonymise_withdrawals(*, now: datetime) -> int:
    """Take name and address off declarations that were settled five years ago; returns how many. Their lines and
    amounts stay with the order."""
    old = Withdrawal.objects.filter(settled_at__lt=now - NAME_RETENTION, anonymised_at=None)
    return old.update(name="", email="", anonymised_at=now)

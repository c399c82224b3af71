"""The log of what the team does with many people's data, or with all of one person's."""

from datetime import datetime

from django.utils.crypto import salted_hmac

from apps.accounts.models import DataAccess, User
from apps.common.email_addresses import canonical_email


def log_access(*, action: DataAccess.Action, what: str, count: int, detail: str, by: User, now: datetime) -> None:
    DataAccess.objects.create(
        at=now,
        by=by,
        by_name=by.get_full_name() or by.email,
        action=action,
        what=what,
        count=count,
        detail=detail[:500],
    )


def fingerprint(email: str) -> str:
    """The same for one address, and no way back from it to the address without our secret key."""
    return salted_hmac("apps.accounts.access_log", canonical_email(email), algorithm="sha256").hexdigest()[:16]

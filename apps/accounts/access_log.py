"""Access log (DataAccess): exports, imports, look-ups and erasures of personal data by staff."""

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
    """Keyed hash of an e-mail address, 16 hexadecimal digits; without our secret key it cannot be reversed."""
    return salted_hmac("apps.accounts.access_log", canonical_email(email), algorithm="sha256").hexdigest()[:16]

"""What the shop keeps about somebody who asked to be called or written to."""

from typing import Any

from apps.accounts.models import User
from apps.prospects.contact import email_key
from apps.prospects.models import Prospect


def prospects_of(user: User) -> Any:
    """Prospects under an account's address."""
    return Prospect.objects.filter(email_key=email_key(user.email))


def personal_data(user: User) -> list[dict[str, Any]]:
    """What somebody left us as a prospect, with the proof of consent, for an export."""
    return list(
        prospects_of(user)
        .order_by("created_at", "pk")
        .values(
            *("first_name", "last_name", "email", "phone", "company", "message", "source", "created_at"),
            *("stage__code", "consent_version", "consent_at", "consent_address", "deleted_at"),
        )
    )

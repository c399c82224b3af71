"""Personal data of an account itself: export and erasure (GDPR articles 15, 17 and 20)."""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import Address, User
from apps.common.errors import DomainError


class StaffAccount(DomainError):
    code = "staff_account"


def collect_account(*, user: User) -> dict[str, Any]:
    """What an account itself holds, for an export."""
    return {
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "phone": user.phone,
        "language": user.language,
        "date_joined": user.date_joined,
        "last_login": user.last_login,
        "email_addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified", "primary")),
        "authenticators": list(
            Authenticator.objects.filter(user=user).order_by("pk").values("type", "created_at", "last_used_at")
        ),
        "addresses": list(
            Address.objects.of(user).values(
                "label",
                "recipient",
                "company",
                "line1",
                "line2",
                "postcode",
                "city",
                "country",
                "phone",
                "is_default",
                "created_at",
                "updated_at",
            )
        ),
    }


def erase_account(*, user: User, now: datetime) -> None:
    """Take everything personal off an account; its row stays, closed, because others refer to it.

    The password goes, which ends every session (SESSION_AUTH_HASH). Raises StaffAccount. A repeat changes nothing.
    """
    with transaction.atomic():
        account = User.objects.select_for_update().get(pk=user.pk)
        if account.erased_at:
            return
        if account.is_staff or account.is_superuser:
            raise StaffAccount(_("Ce compte appartient à l’équipe. Demandez à un administrateur de le fermer."))
        Address.objects.of(account).delete()
        EmailAddress.objects.filter(user=account).delete()
        Authenticator.objects.filter(user=account).delete()
        for model in (User, Address):
            _delete_history(model, account)
        # An update writes no history of what was there.
        User.objects.filter(pk=account.pk).update(
            email=f"efface-{account.pk}@compte.invalid",
            first_name="",
            last_name="",
            phone="",
            is_active=False,
            last_login=None,
            erased_at=now,
            password=make_password(None),
        )
        account.groups.clear()
        account.user_permissions.clear()


def _delete_history(model: type[User] | type[Address], account: User) -> None:
    """Earlier versions of the rows, where a history is kept of them."""
    history = getattr(model, "history", None)
    if history is not None:
        history.filter(**({"id": account.pk} if model is User else {"user_id": account.pk})).delete()

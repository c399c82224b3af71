"""Accounts opened by staff, whose owners choose the password."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.emails import AccountEmail
from apps.accounts.models import User
from apps.common import outbox
from apps.common.email_addresses import canonical_email
from apps.common.errors import DomainError


class AccountExists(DomainError):
    """`details["user"]`: the existing account."""

    code = "account_exists"


def find_account(*, email: str) -> User | None:
    """The account with this e-mail address as its login or among its verified addresses."""
    email = canonical_email(email)
    found = User.objects.filter(email=email).first()
    if found is None:
        verified = EmailAddress.objects.filter(email=email, verified=True).select_related("user").first()
        found = verified.user if verified else None
    return found


def invite_customer(*, email: str, first_name: str, last_name: str, phone: str, language: str, now: datetime) -> User:
    """Create an account without a password and enqueue an e-mail with a link to choose one.

    Raises AccountExists, also when somebody signs up with the same e-mail at this moment; their account is not changed.
    """
    email = canonical_email(email)
    try:
        with transaction.atomic():
            if existing := find_account(email=email):
                raise AccountExists(_("Cette adresse a déjà un compte."), user=existing)
            user = User.objects.create_user(
                email, first_name=first_name, last_name=last_name, phone=phone, language=language, date_joined=now
            )
            # Following the link verifies the e-mail; until then nothing that belongs to it is shown.
            EmailAddress.objects.create(user=user, email=email, primary=True, verified=False)
    except IntegrityError:
        raise AccountExists(_("Cette adresse a déjà un compte."), user=find_account(email=email)) from None
    outbox.enqueue(
        kind=AccountEmail.INVITATION, key=f"invitation-{user.pk}", object_id=user.pk, language=language, now=now
    )
    return user

"""The owner's account of a new shop: a link that is printed once on the server, good once and for an hour."""

import secrets
from datetime import UTC, datetime, timedelta

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.invitations import AccountExists, find_account
from apps.accounts.models import User
from apps.common.email_addresses import canonical_email
from apps.common.errors import DomainError
from apps.common.used import is_used, use_up

LIFETIME = timedelta(hours=1)
SALT = "apps.accounts.first_account"


class LinkUnusable(DomainError):
    code = "link_unusable"


def owner_exists() -> bool:
    return User.objects.filter(is_superuser=True, is_active=True).exists()


def new_token(*, now: datetime, another: bool = False) -> str:
    """A token that makes one owner. Unless it is for `another`, it is void as soon as the shop has an owner."""
    claims = {"id": secrets.token_urlsafe(12), "until": int((now + LIFETIME).timestamp()), "another": another}
    return signing.dumps(claims, salt=SALT)


def check_token(token: str, *, now: datetime) -> dict:
    """Its claims. Raises LinkUnusable for a token that is forged, expired, used or void."""
    try:
        claims = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        claims = None
    if (
        not claims
        or datetime.fromtimestamp(claims["until"], UTC) <= now
        or is_used(_identity(claims))
        or (not claims["another"] and owner_exists())
    ):
        raise LinkUnusable(
            _("Ce lien n’est plus valable : il sert une fois, pendant une heure. Demandez-en un autre sur le serveur.")
        )
    return claims


def create_owner(*, token: str, email: str, password: str, first_name: str, language: str, now: datetime) -> User:
    """Create the owner's account, its e-mail verified: whoever has the link has the server.

    Raises LinkUnusable, also for the second of two requests with one token; AccountExists.
    """
    claims = check_token(token, now=now)
    with transaction.atomic():
        if not use_up(_identity(claims), now=now, lifetime=LIFETIME):
            raise LinkUnusable(_("Ce lien vient de servir."))
        return add_owner(email=email, password=password, first_name=first_name, language=language, now=now)


def add_owner(*, email: str, password: str, first_name: str, language: str, now: datetime) -> User:
    """Create a superuser's account. Raises AccountExists."""
    email = canonical_email(email)
    try:
        with transaction.atomic():
            if existing := find_account(email=email):
                raise AccountExists(_("Cette adresse a déjà un compte."), user=existing)
            user = User.objects.create_superuser(
                email, password, first_name=first_name, language=language, date_joined=now
            )
            EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
    except IntegrityError:
        raise AccountExists(_("Cette adresse a déjà un compte."), user=find_account(email=email)) from None
    return user


def _identity(claims: dict) -> str:
    return f"first account {claims['id']}"

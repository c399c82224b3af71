"""Adapter of allauth: its e-mails, its rate limits, and the guest orders that a confirmed e-mail address claims."""

import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from apps.accounts import lockout
from apps.accounts.models import User
from apps.common import mail
from apps.common.email_addresses import canonical_email
from apps.common.site_url import at_site_url
from apps.common.tasks import send_after_commit
from apps.common.translation import current_language
from apps.orders.personal_data import claim_guest_orders
from apps.shop.identity import current


class AccountAdapter(DefaultAccountAdapter):
    def new_user(self, request: HttpRequest) -> User:
        """Who signs up on English pages gets e-mails in English."""
        return User(language=current_language())

    def clean_email(self, email: str) -> str:
        return canonical_email(super().clean_email(email))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Rate limit before each check of a password, at login and later. Raises ValidationError."""
        super().pre_authenticate(request, **credentials)
        if wait := lockout.begin(request, _account(credentials)):
            raise lockout.too_many(wait)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        user = super().authenticate(request, **credentials)
        if user is not None:
            lockout.succeeded(request, _account(credentials))
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        lockout.failed(request, _account(credentials))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the account's language, by a task: the response takes as long for an unknown e-mail as for a known one."""
        user = context.get("user")
        language = user.language if isinstance(user, User) else current_language()
        with translation.override(language):
            context = {"email": email, "shop_name": current().name, **_with_site_urls(context)}
            subject = render_to_string(f"{template_prefix}_subject.txt", context)
            text = render_to_string(f"{template_prefix}_message.txt", context)
        # Each e-mail differs by a link or a time in its text, and so do their keys.
        key = hashlib.sha256(f"{template_prefix}\n{email}\n{text}".encode()).hexdigest()
        send_after_commit(mail.compose_text(subject=subject, text=text, to=email, language=language, key=key), key=key)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Give the account the guest orders that were placed with its confirmed e-mail address.

        allauth refuses an address that another account has confirmed; here, also one it has not confirmed yet."""
        try:
            with transaction.atomic():
                confirmed = super().confirm_email(request, email_address)
        except IntegrityError:
            if not User.objects.filter(email=email_address.email).exclude(pk=email_address.user_id).exists():
                raise
            messages.error(
                request,
                _("Cette adresse a déjà un compte. Connectez-vous avec elle, ou choisissez un nouveau mot de passe."),
            )
            return False
        if confirmed:
            claim_guest_orders(user=email_address.user)
        return confirmed


class SecondFactorAdapter(DefaultMFAAdapter):
    """Authenticator apps and passkeys name the shop."""

    def get_totp_issuer(self) -> str:
        return self._get_site_name()

    def _get_site_name(self) -> str:
        return current().name


def _account(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email") or credentials.get("username") or "")


def _with_site_urls(context: dict[str, Any]) -> dict[str, Any]:
    """allauth builds its links from the request's Host header; here they get SITE_URL."""
    return {
        name: at_site_url(value) if isinstance(value, str) and value.startswith(("http://", "https://")) else value
        for name, value in context.items()
    }

"""Where allauth touches the shop: its e-mails, and what an account gains when its address is confirmed."""

import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
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


class AccountAdapter(DefaultAccountAdapter):
    def new_user(self, request: HttpRequest) -> User:
        """Somebody who signs up on English pages is written to in English."""
        return User(language=current_language())

    def clean_email(self, email: str) -> str:
        return canonical_email(super().clean_email(email))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Before each look at a password, of login and of its check later on. Raises ValidationError."""
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
        """In the account's language, by the worker: a page takes as long for an unknown address as for a known one."""
        user = context.get("user")
        language = user.language if isinstance(user, User) else current_language()
        with translation.override(language):
            context = {"email": email, "shop_name": settings.SHOP["name"], **_with_our_links(context)}
            subject = render_to_string(f"{template_prefix}_subject.txt", context)
            text = render_to_string(f"{template_prefix}_message.txt", context)
        # A link or a time in the text makes each occasion its own.
        key = hashlib.sha256(f"{template_prefix}\n{email}\n{text}".encode()).hexdigest()
        send_after_commit(mail.compose_text(subject=subject, text=text, to=email, language=language, key=key), key=key)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Who proved to own an address sees what was ordered with it before there was an account.

        allauth asks whether another account has confirmed the address; one that has not confirmed it keeps it too."""
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


def _account(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email") or credentials.get("username") or "")


def _with_our_links(context: dict[str, Any]) -> dict[str, Any]:
    """allauth makes its links from the request's Host; all of them lead to pages of ours."""
    return {
        name: at_site_url(value) if isinstance(value, str) and value.startswith(("http://", "https://")) else value
        for name, value in context.items()
    }

"""The doors' side of `guessing`: who tries from where, and what a door answers to who has to wait.

The shop's login, its password and code checks, the back office's login and `/api/auth/login` count together.
"""

from collections.abc import Callable
from functools import wraps
from math import ceil
from typing import Any

from allauth.account.adapter import get_adapter
from axes.handlers.database import AxesDatabaseHandler
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts import guessing
from apps.common.email_addresses import canonical_email

LONGEST_NAME = 255


def client_ip(request: HttpRequest) -> str | None:
    """The visitor's address behind as many proxies as TRUSTED_PROXY_COUNT says; a forged header is not believed.

    None for a request that came over no network.
    """
    try:
        return get_adapter(request).get_client_ip(request)
    except PermissionDenied:
        return None


def begin(request: HttpRequest, account: str) -> float:
    """Count one try; the seconds to wait when its password or code must not be looked at, else 0."""
    wait = guessing.begin(account=canonical_email(account), address=client_ip(request) or "", now=timezone.now())
    if wait:
        request.login_wait = wait  # type: ignore[attr-defined]
    return wait


def failed(request: HttpRequest, account: str) -> None:
    guessing.failed(account=canonical_email(account), address=client_ip(request) or "", now=timezone.now())


def succeeded(request: HttpRequest, account: str) -> None:
    guessing.succeeded(account=canonical_email(account), address=client_ip(request) or "")


def too_many(wait: float) -> ValidationError:
    """What a form says; `answered_429` gives its page the status."""
    minutes = ceil(wait / 60)
    if minutes > 90:
        hours = ceil(wait / 3600)
        when = ngettext("dans %(count)s heure", "dans %(count)s heures", hours) % {"count": hours}
    else:
        when = ngettext("dans %(count)s minute", "dans %(count)s minutes", minutes) % {"count": minutes}
    return ValidationError(
        _(
            "Trop d’essais depuis cet accès à internet. Réessayez %(when)s, ou choisissez un nouveau mot de passe par "
            "le lien que nous envoyons à votre adresse e-mail : il rouvre ce compte aussitôt."
        )
        % {"when": when},
        code="too_many_login_attempts",
    )


def answered_429(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The page as it is, with the status and the time that programs read, when somebody has to wait."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        wait = getattr(request, "login_wait", 0)
        if wait and response.status_code == 200:
            response.status_code = 429
            response["Retry-After"] = str(ceil(wait))
        return response

    return answered


def username(request: HttpRequest, credentials: dict | None = None) -> str | None:
    """The account that is tried, in one form: written in another way it is no other account with tries of its own.

    Cut to what axes' column holds: no account's name is as long, and a form measures what was typed, of which NFKC
    makes up to eighteen letters each.
    """
    tried = (credentials or request.POST).get("username")
    return canonical_email(tried)[:LONGEST_NAME] if isinstance(tried, str) else None


class AdminLockout(AxesDatabaseHandler):
    """axes under /admin/ only: it keeps the list of refused logins, and its middleware answers with our page.

    Whether a password is looked at is for `guessing` to say, as at every other door.
    """

    def is_allowed(self, request: HttpRequest, credentials: dict | None = None) -> bool:
        """Asked once for each password, before it is looked at: counts the try."""
        if not self.is_admin_request(request):
            return True
        if not begin(request, _account(credentials)):
            return True
        request.axes_locked_out = True  # type: ignore[attr-defined]
        return False

    def user_login_failed(self, sender: Any, credentials: dict, request: HttpRequest | None = None, **kwargs: Any):
        if request is None or not self.is_admin_request(request) or getattr(request, "login_wait", 0):
            return
        failed(request, _account(credentials))
        super().user_login_failed(sender, credentials, request, **kwargs)
        # The last try that one has is answered with how long to wait, not with « try again ».
        wait = guessing.waiting(
            account=canonical_email(_account(credentials)), address=client_ip(request) or "", now=timezone.now()
        )
        if wait:
            request.login_wait = wait  # type: ignore[attr-defined]
            request.axes_locked_out = True  # type: ignore[attr-defined]

    def user_logged_in(self, sender: Any, request: HttpRequest, user: Any, **kwargs: Any):
        if self.is_admin_request(request):
            succeeded(request, user.get_username())
            super().user_logged_in(sender, request, user, **kwargs)

    def user_logged_out(self, sender: Any, request: HttpRequest, user: Any, **kwargs: Any):
        if self.is_admin_request(request):
            super().user_logged_out(sender, request, user, **kwargs)

    def post_delete_access_attempt(self, instance: Any, **kwargs: Any) -> None:
        """Who takes a refused login off the list lets its place try again."""
        super().post_delete_access_attempt(instance, **kwargs)
        guessing.let_try_again(account=instance.username or "", address=instance.ip_address or "", now=timezone.now())


def _account(credentials: dict | None) -> str:
    return str((credentials or {}).get("username") or "")

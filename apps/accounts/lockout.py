"""HTTP side of `guessing`: the account and IP of a login request, and the answer (429) to one that has to wait.

The shop's login, its password and code checks, the back office's login and `/api/auth/login` share their counts.
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
    """The visitor's IP, behind TRUSTED_PROXY_COUNT proxies; headers that the client forged are ignored.

    None for a request that came over no network.
    """
    try:
        return get_adapter(request).get_client_ip(request)
    except PermissionDenied:
        return None


def begin(request: HttpRequest, account: str) -> float:
    """Count one try. Returns 0, or the seconds to wait when its password or code must not be checked."""
    wait = guessing.begin(account=canonical_email(account), ip=client_ip(request) or "", now=timezone.now())
    if wait:
        request.login_wait = wait  # type: ignore[attr-defined]
    return wait


def failed(request: HttpRequest, account: str) -> None:
    guessing.failed(account=canonical_email(account), ip=client_ip(request) or "", now=timezone.now())


def succeeded(request: HttpRequest, account: str) -> None:
    guessing.succeeded(account=canonical_email(account), ip=client_ip(request) or "")


def too_many(wait: float) -> ValidationError:
    """The error that a login form shows; `answered_429` sets the status of its page."""
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
    """View decorator: status 429 and Retry-After on the page when the visitor has to wait."""

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
    """The e-mail that was typed as login, canonical, so that other spellings of it share its counts (for axes).

    Truncated to axes' column: NFKC can make a text up to eighteen times longer than what the form has measured.
    """
    tried = (credentials or request.POST).get("username")
    return canonical_email(tried)[:LONGEST_NAME] if isinstance(tried, str) else None


class AdminLockout(AxesDatabaseHandler):
    """axes for the back office's login: stores the list of refused logins and shows our page to who has to wait.

    Whether a password is checked is decided by `guessing`, as for every other login.
    """

    def is_allowed(self, request: HttpRequest, credentials: dict | None = None) -> bool:
        """Called once for each password, before it is checked: counts the try."""
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
        # The answer to the last try allowed says how long to wait instead of « try again ».
        wait = guessing.waiting(
            account=canonical_email(_account(credentials)), ip=client_ip(request) or "", now=timezone.now()
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
        """Deleting a refused login lets its source try again."""
        super().post_delete_access_attempt(instance, **kwargs)
        guessing.let_try_again(account=instance.username or "", ip=instance.ip_address or "", now=timezone.now())


def _account(credentials: dict | None) -> str:
    return str((credentials or {}).get("username") or "")

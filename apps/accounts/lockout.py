"""Lock-out after failed logins, for the admin only: nobody can shut a shopper out by guessing at their account."""

from typing import Any

from allauth.account.adapter import get_adapter
from axes.handlers.database import AxesDatabaseHandler
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from apps.common.email_addresses import canonical_email


def client_ip(request: HttpRequest) -> str | None:
    """The visitor's address behind as many proxies as TRUSTED_PROXY_COUNT says; a forged header is not believed.

    None for a request that came over no network.
    """
    try:
        return get_adapter(request).get_client_ip(request)
    except PermissionDenied:
        return None


def username(request: HttpRequest, credentials: dict | None = None) -> str | None:
    """The account that is tried, in one form: written in another way it is no other account with tries of its own."""
    tried = (credentials or request.POST).get("username")
    return canonical_email(tried) if isinstance(tried, str) else None


class AdminLockout(AxesDatabaseHandler):
    """axes under /admin/ only. Elsewhere it neither locks nor keeps a log of who logs in."""

    def is_allowed(self, request: HttpRequest, credentials: dict | None = None) -> bool:
        return not self.is_admin_request(request) or super().is_allowed(request, credentials)

    def user_login_failed(self, sender: Any, credentials: dict, request: HttpRequest | None = None, **kwargs: Any):
        if self.is_admin_request(request):
            super().user_login_failed(sender, credentials, request, **kwargs)

    def user_logged_in(self, sender: Any, request: HttpRequest, user: Any, **kwargs: Any):
        if self.is_admin_request(request):
            super().user_logged_in(sender, request, user, **kwargs)

    def user_logged_out(self, sender: Any, request: HttpRequest, user: Any, **kwargs: Any):
        if self.is_admin_request(request):
            super().user_logged_out(sender, request, user, **kwargs)

"""The shop before its owner opens it: strangers see « Bientôt ouvert » in place of every page, the team sees the shop.

The page is answered with 200 and noindex. 503 would be counted as failures of the servers: alarms would ring, and a
release would be rolled back. It is never cached, so that the opening is seen at once.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve

from apps.shop.identity import current

# Programs, the team and files; a provider's notification, whatever it is about.
PREFIXES = ("/admin/", "/api/", "/health", settings.STATIC_URL, settings.MEDIA_URL)
ALWAYS_OPEN = {
    # Due to everybody who sees anything at all (LCEN, art. 1-1; GDPR, art. 13).
    *("storefront:legal_notice", "storefront:privacy"),
    *("storefront:webhook", "storefront:manifest", "storefront:colours", "storefront:me", "storefront:first_account"),
    # The team's way in.
    *("account_login", "mfa_authenticate", "mfa_login_webauthn", "account_logout", "account_inactive"),
    *("account_reset_password", "account_reset_password_done", "account_reset_password_from_key"),
    *("account_reset_password_from_key_done", "account_confirm_email", "account_email_verification_sent"),
}
FILES = {"/robots.txt", "/favicon.ico", "/apple-touch-icon.png"}


class BeforeOpening:
    """Stands below AuthenticationMiddleware. Costs nothing once the shop is open."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if settings.DEMO or path.startswith(PREFIXES) or path in FILES or current().is_open:
            return self.get_response(request)
        if request.user.is_staff:
            # Read by the frame of pages, for which a shared page has taken the account off the request.
            request.is_before_opening = True  # type: ignore[attr-defined]
            return self.get_response(request)
        if _is_always_open(path):
            return self.get_response(request)
        response = render(
            request, "storefront/before_opening.html", status=200 if request.method in ("GET", "HEAD") else 403
        )
        response["X-Robots-Tag"] = "noindex"
        response["Cache-Control"] = "private, no-store"
        return response


def _is_always_open(path: str) -> bool:
    try:
        return resolve(path).view_name in ALWAYS_OPEN
    except Resolver404:
        return False

"""Keeps what was typed into a form whose POST finds the session ended."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from apps.backoffice.refused import typed
from apps.common.sent import has_typed, sent_fields, sent_files


class ResendAfterLogin:
    """Middleware: replaces a POST's redirect to the login by a page with its fields and a button to send them again.

    Nothing is stored on the server: the fields are in the page, whoever logs in next on that computer. The login opens
    in another window. The redirect stays when nothing was typed (a button), and for scripts.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.logins = {reverse("admin:login")}
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                self.logins.add(reverse("account_login"))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "POST" or response.status_code != 302 or not self._leads_to_login(response):
            return response
        is_office = request.path_info.startswith(reverse("admin:index"))
        # A signed-in user who is not (or no longer) staff is redirected to the back office's login too.
        if (request.user.is_authenticated and not is_office) or not _is_a_page(request):
            return response
        if request.resolver_match and (request.resolver_match.url_name or "").startswith("mfa_"):
            return response  # a one-time code
        if not has_typed(request):
            return response
        fields = sent_fields(request)
        context = {
            "title": _("Votre session est terminée"),
            "fields": fields,
            "typed": typed(request) if is_office else [(name, value) for name, value in fields if value.strip()],
            "files": sent_files(request),
            "action": request.get_full_path(),
            "login_url": reverse("admin:login" if is_office else "account_login"),
        }
        if is_office:
            context = {**admin.site.each_context(request), **context}
        page = "backoffice/session_ended.html" if is_office else "storefront/errors/session_ended.html"
        answer = render(request, page, context, status=403)
        add_never_cache_headers(answer)
        return answer

    def _leads_to_login(self, response: HttpResponse) -> bool:
        return urlsplit(response.headers.get("Location", "")).path in self.logins


def _is_a_page(request: HttpRequest) -> bool:
    """Whether the browser shows the answer as a page; False for a script's call."""
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate" and request.accepts("text/html")

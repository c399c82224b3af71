"""What somebody typed while their session ended: given back in the page that asks them to log in."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

# Asked for again, never written into a page.
SECRET = re.compile(r"pass|secret|token|otp|captcha|altcha|card|instrument|cvc", re.IGNORECASE)
OURS = {"next", "_selected_action", "action", "index", "select_across"}


class KeepTypedForms:
    """Answers a form that meets the login with a page that holds its fields, and sends them again after the login.

    Nothing is stored: what was typed stays in its writer's own window, whoever logs in next on that computer. A login
    opens in another window, so that this one stays. Without typed fields (a button), and for scripts, the redirect to
    the login stays what it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.logins = {reverse("admin:login"), reverse("account_login"), "/en" + reverse("account_login")}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "POST" or response.status_code != 302 or not self._leads_to_login(response):
            return response
        if request.user.is_authenticated or not _is_a_page(request):
            return response
        if request.resolver_match and (request.resolver_match.url_name or "").startswith("mfa_"):
            return response  # a one-time code
        fields = [(name, value) for name, values in request.POST.lists() if not SECRET.search(name) for value in values]
        if not request.FILES and not any(value.strip() for name, value in fields if name not in OURS):
            return response
        is_office = request.path_info.startswith(reverse("admin:index"))
        context = {
            "title": _("Votre session est terminée"),
            "fields": fields,
            "typed": [(name, value) for name, value in fields if value.strip() and not name.startswith("_")],
            "files": [file.name for files in request.FILES.lists() for file in files[1] if file.name],
            "action": request.get_full_path(),
            "login_url": reverse("admin:login" if is_office else "account_login"),
        }
        if is_office:
            context = {**admin.site.each_context(request), **context}
        page = "backoffice/kept_form.html" if is_office else "storefront/errors/kept_form.html"
        answer = render(request, page, context, status=403)
        add_never_cache_headers(answer)
        return answer

    def _leads_to_login(self, response: HttpResponse) -> bool:
        return urlsplit(response.headers.get("Location", "")).path in self.logins


def _is_a_page(request: HttpRequest) -> bool:
    """Not a script's call, which has no page to show."""
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate" and request.accepts("text/html")

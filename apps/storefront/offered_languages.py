from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.translation import override

from apps.common.translation import DEFAULT_LANGUAGE, LANGUAGES
from apps.shop.identity import current


class OfferedLanguages:
    """Middleware: a page in a language that the shop does not offer leads to the same page in French.

    For now, not for ever (302): the shop may offer it again. What was sent from an open page is still taken.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.prefixes = {f"/{language}/": language for language in LANGUAGES if language != settings.LANGUAGE_CODE}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = self.prefixes.get(request.path_info[:4])
        if language and request.method in ("GET", "HEAD") and language not in current().languages:
            query = request.META.get("QUERY_STRING", "")
            return HttpResponseRedirect(_in_french(request.path_info) + (f"?{query}" if query else ""))
        return self.get_response(request)


def _in_french(path: str) -> str:
    """The same page; the home page where there is none."""
    with override(DEFAULT_LANGUAGE):
        home = reverse("storefront:home")
    try:
        match = resolve(path)
        with override(DEFAULT_LANGUAGE):
            return reverse(match.view_name, args=match.args, kwargs=match.kwargs)
    except (Resolver404, NoReverseMatch):
        return home

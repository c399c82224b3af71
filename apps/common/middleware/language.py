import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

# URLs without a language: these pages follow the browser's.
BY_BROWSER = ("/admin/", "/api/")
# RFC 9110, 12.4.2 and 12.5.4.
RANGE = re.compile(r"(?:\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)(?:\s*;\s*q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?")
MAX_HEADER = 500


def readable(header: str) -> str:
    """An Accept-Language without the ranges that break its grammar, for which Django would ignore the whole header.

    A weight without a zero (`q=.9`) is given one.
    """
    ranges = (part.strip() for part in header[:MAX_HEADER].replace("q=.", "q=0.").split(","))
    return ",".join(part for part in ranges if RANGE.fullmatch(part))


class LanguageByUrl(LocaleMiddleware):
    """The language of a shopper's page depends on its URL alone: French at /, English at /en/.

    A URL has the same content whatever the visitor's cookies and browser, so that it can be cached for everyone.
    """

    get_response: Callable[[HttpRequest], HttpResponseBase]

    def process_request(self, request: HttpRequest) -> None:
        if request.path_info.startswith(BY_BROWSER):
            # Not Django's own method: it returns the default language wherever that one has no prefix.
            if header := request.META.get("HTTP_ACCEPT_LANGUAGE"):
                request.META["HTTP_ACCEPT_LANGUAGE"] = readable(header)
            language = translation.get_language_from_request(request)
        else:
            language = translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
        translation.activate(language)
        request.LANGUAGE_CODE = language

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path_info.startswith(BY_BROWSER):
            return super().process_response(request, response)
        response.headers.setdefault("Content-Language", getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE))
        return response

"""URLs of one page in each of the shop's languages."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.http import escape_leading_slashes, urlencode

from apps.common.translation import LANGUAGES

# Parameters that pages other than lists keep in another language; those that only announce a result are left out.
PAGE_PARAMETERS = ("page", "next", "adresse", "commande", "completer", "reponse", "suite")


def page_alternates(request: HttpRequest) -> dict[str, str]:
    """The same page in every language, without its query."""
    # A path that begins with two slashes is another site for a browser.
    path = escape_leading_slashes(request.path)
    return {language: translate_url(path, language) for language in LANGUAGES}


def page_query(request: HttpRequest) -> str:
    """« ?page=2 »: the part of the query string that the same page in another language takes."""
    pairs = [(name, value) for name in PAGE_PARAMETERS for value in request.GET.getlist(name)[:1]]
    return f"?{urlencode(pairs)}" if pairs else ""


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"

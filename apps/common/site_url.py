"""Absolute URLs of the shop's own pages."""

from urllib.parse import urlsplit, urlunsplit

from django.conf import settings


def at_site_url(url: str) -> str:
    """The same path, query and fragment under SITE_URL.

    The host of a request is not used: it may be an alias, another port or forged, and a link that carries a secret
    would lead there.
    """
    return settings.SITE_URL + urlunsplit(("", "", *urlsplit(url)[2:]))

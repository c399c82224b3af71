"""CSRF protection without a token in the page: by the headers `Sec-Fetch-Site` and `Origin`.

A page that a cache serves to everyone cannot contain one visitor's token. All browsers send `Sec-Fetch-Site` since 2023
(on HTTPS and localhost). The rules are those of Go 1.25's net/http CrossOriginProtection.
"""

from collections.abc import Callable
from enum import Enum
from functools import cached_property
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import get_callable
from django.utils.deprecation import MiddlewareMixin

CROSS_SITE = "cross-site request"
logger = structlog.get_logger(__name__)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class Provenance(Enum):
    OURS = "ours"
    FOREIGN = "foreign"
    # Neither header is there: not a browser, one from before 2020, or a privacy tool.
    UNKNOWN = "unknown"


class CrossSiteWriteProtection(MiddlewareMixin):
    """Comes before Django's CsrfViewMiddleware, which checks its token when no header decides.

    A request from our own pages is marked `csrf_processing_done`, as Django marks one it has checked, so that the
    decorators of the admin and of allauth and the API's session authentication accept it too. Views marked
    `csrf_exempt` (webhooks) are never refused here.
    """

    def process_view(
        self, request: HttpRequest, callback: Callable, callback_args: tuple, callback_kwargs: dict
    ) -> HttpResponse | None:
        if request.method in SAFE_METHODS:
            return None
        provenance = self.provenance(request)
        if provenance is Provenance.OURS:
            request.csrf_processing_done = True  # type: ignore[attr-defined]
        elif provenance is Provenance.FOREIGN and not getattr(callback, "csrf_exempt", False):
            logger.warning("cross_site_write_refused", view=getattr(callback, "__name__", ""))
            return get_callable(settings.CSRF_FAILURE_VIEW)(request, reason=CROSS_SITE)
        return None

    def provenance(self, request: HttpRequest) -> Provenance:
        site = request.headers.get("Sec-Fetch-Site", "")
        origin = request.headers.get("Origin", "")
        if site in ("same-origin", "none"):
            return Provenance.OURS
        if origin in self._trusted_origins:
            return Provenance.OURS
        if site:
            return Provenance.FOREIGN
        # A page with « Referrer-Policy: no-referrer » sends « null » to its own site too: it decides nothing.
        if origin in ("", "null"):
            return Provenance.UNKNOWN
        try:
            host = urlsplit(origin).netloc
        except ValueError:
            return Provenance.FOREIGN
        # The scheme is not compared: Host has none, and with HSTS no http:// page of ours exists.
        return Provenance.OURS if host and host == request.get_host().lower() else Provenance.FOREIGN

    @cached_property
    def _trusted_origins(self) -> frozenset[str]:
        return frozenset(settings.CSRF_TRUSTED_ORIGINS)

"""Refuses writes that another site makes a visitor's browser send, without a token in the page.

A page that a cache serves to everyone cannot carry a token of one visitor. Browsers say themselves where a request
comes from: `Sec-Fetch-Site` (all since 2023, on HTTPS and localhost) and `Origin`. The rules are those of Go 1.25's
net/http CrossOriginProtection.
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
    # No header tells: not a browser, one from before 2020, or a privacy tool.
    UNKNOWN = "unknown"


class CrossSiteWriteProtection(MiddlewareMixin):
    """Stands before Django's CsrfViewMiddleware and leaves to its token what no header decides.

    A request known to be ours is marked `csrf_processing_done`, which is how Django itself marks one it has checked; so
    the decorators of the admin and of allauth and the session authentication of an API agree with the decision.
    Views marked `csrf_exempt` (webhooks) are never refused here.
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
        # A page with « Referrer-Policy: no-referrer » posts « null » to its own site too: it says nothing.
        if origin in ("", "null"):
            return Provenance.UNKNOWN
        try:
            host = urlsplit(origin).netloc
        except ValueError:
            return Provenance.FOREIGN
        # The scheme is not compared: Host has none, and HSTS keeps an http:// page of ours from existing.
        return Provenance.OURS if host and host == request.get_host().lower() else Provenance.FOREIGN

    @cached_property
    def _trusted_origins(self) -> frozenset[str]:
        return frozenset(settings.CSRF_TRUSTED_ORIGINS)

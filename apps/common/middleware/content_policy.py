"""The Content-Security-Policy of answers that change nothing about it, put together once."""

from functools import cached_property
from typing import Any

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

CHANGED = {"_csp_exempt", "_csp_config", "_csp_update", "_csp_replace"}
CHANGED |= {f"{name}_ro" for name in CHANGED}


class ContentPolicy(CSPMiddleware):
    """django-csp puts both policies together for each answer, 0.07 ms of processor time; nearly all have the plain one.

    What a view, a nonce or a debug page changes goes the package's own way.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        has_nonce = getattr(request, "_csp_nonce", None) is not None
        if settings.DEBUG or has_nonce or not CHANGED.isdisjoint(vars(response)) or not self._is_one_policy:
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self._plain)
        # As the package does: a nonce that is asked for now would not be in the header.
        request.csp_nonce = self._too_late  # type: ignore[attr-defined]
        return response

    _built: tuple[Any, str] = (None, "")

    @property
    def _plain(self) -> str:
        """Built again only where the setting itself was exchanged, as tests do in a running server."""
        policy, header = self._built
        if policy is not settings.CONTENT_SECURITY_POLICY:
            policy, header = settings.CONTENT_SECURITY_POLICY, build_policy()
            self._built = (policy, header)
        return header

    @cached_property
    def _is_one_policy(self) -> bool:
        """Whether there is one for all addresses and none that only reports."""
        policy = settings.CONTENT_SECURITY_POLICY
        reports = getattr(settings, "CONTENT_SECURITY_POLICY_REPORT_ONLY", None)
        return not reports and not policy.get("EXCLUDE_URL_PREFIXES")

    @cached_property
    def _too_late(self) -> CheckableLazyObject:
        return CheckableLazyObject(self._csp_nonce_post_response)

"""Refuses malformed requests (invalid UTF-8, NUL, too large) before any view runs."""

import codecs
from collections.abc import Callable, Iterable
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError
from django.utils.deprecation import MiddlewareMixin


class MalformedRequest(BadRequest):
    """Django answers with handler400 and logs a warning, not an error: the client is at fault."""


class WellFormedRequests(MiddlewareMixin):
    """Raises MalformedRequest unless all text of the request is valid UTF-8 without NUL.

    Django alone replaces invalid bytes by U+FFFD and goes on with a value that nobody typed; a NUL fails in the
    database. Comes after LocaleMiddleware, so that the refusal is in the visitor's language, and before any middleware
    that reads a form.
    """

    def process_request(self, request: HttpRequest) -> None:
        if request.encoding and codecs.lookup(request.encoding).name not in ("utf-8", "ascii"):
            # Reset, because the error page reads the query string too.
            request.encoding = None  # type: ignore[assignment]
            raise MalformedRequest("charset")
        # Django leaves invalid bytes of a path percent-encoded: no page has that URL.
        if "\x00" in request.path_info:
            raise MalformedRequest("NUL in path")
        check_percent_encoded(request.META.get("QUERY_STRING", "").encode("latin-1", "replace"), "query string")

    def process_view(
        self, request: HttpRequest, callback: Callable, callback_args: tuple, callback_kwargs: dict
    ) -> None:
        if content_length(request) > settings.UPLOAD_MAX_BYTES:
            raise RequestDataTooBig(f"more than {settings.UPLOAD_MAX_BYTES} bytes")
        if getattr(callback, "csrf_exempt", False):
            # An API's view reads the body itself; parsing a form would consume it.
            return
        try:
            self._check_form(request)
        except UnreadablePostError:
            raise MalformedRequest("interrupted body") from None

    def _check_form(self, request: HttpRequest) -> None:
        if request.content_type == "application/x-www-form-urlencoded":
            check_percent_encoded(request.body, "form")
        elif request.content_type == "multipart/form-data":
            check_fields((text for name, values in request.POST.lists() for text in (name, *values)), "form")
            check_fields((file.name or "" for _, files in request.FILES.lists() for file in files), "file name")


def content_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise MalformedRequest("Content-Length") from None


def check_percent_encoded(raw: bytes, where: str) -> None:
    check_bytes(unquote_to_bytes(raw) if b"%" in raw else raw, where)


def check_bytes(raw: bytes, where: str) -> None:
    if b"\x00" in raw:
        raise MalformedRequest(f"NUL in {where}")
    try:
        raw.decode()
    except UnicodeDecodeError:
        raise MalformedRequest(f"invalid UTF-8 in {where}") from None


def check_fields(texts: Iterable[str], where: str) -> None:
    """The multipart parser has already replaced invalid bytes by U+FFFD."""
    for text in texts:
        if "\x00" in text or "\ufffd" in text:
            raise MalformedRequest(f"unreadable text in {where}")

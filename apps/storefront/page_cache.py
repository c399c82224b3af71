"""Cache of pages that are the same for every visitor, in process memory.

A view is marked with `@shared_page`. It is then called as if by a first-time visitor: without cookies, session, account
or messages; what is personal on the page comes from another URL. The page is cached for one revision of the catalogue
and the shop, at most a minute, in the process's memory up to PAGE_CACHE_BYTES, plain and gzipped.

A change is on every page within 5 seconds: a process notices it after at most 1 second (`revisions.POLL_SECONDS`),
nginx serves a page for 3 at most (s-maxage, which it rounds up to whole seconds, and stale-while-revalidate), a CDN
for 1.
"""

import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from threading import Lock
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags

from apps.catalogue.replicas import from_replica
from apps.common import revisions
from apps.shop import identity

MAX_SECONDS = 60
MAX_QUERY = 500
CACHE_CONTROL = "public, max-age=0, s-maxage=1, stale-while-revalidate=1"
PERSONAL_PATHS = ("/api/prospects", "/api/auth", "/admin/")
PERSONAL, NO_STORE = "private, no-cache", "private, no-store"
# Parameters of advertisements, which change nothing on the page.
TRACKING = ("utm_", "gclid=", "gbraid=", "wbraid=", "fbclid=", "msclkid=", "mc_cid=", "mc_eid=", "_ga=", "igshid=")

View = Callable[..., HttpResponse]
Key = tuple[str, str, str, str]


def shared_page(view: View) -> View:
    """Mark a view whose page is the same for everyone. It must read nothing but the URL and the database, which may be
    a replica, and write nothing."""
    read = from_replica(view)
    read.is_shared_page = True  # type: ignore[attr-defined]
    return read


@dataclass
class Page:
    """A page with status 200 and no cookie, as it is sent."""

    revision: revisions.Numbers
    body: bytes
    headers: dict[str, str]
    rendered_at: float = field(default_factory=time.monotonic)

    @cached_property
    def etag(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:32]

    @cached_property
    def gzipped(self) -> bytes:
        return gzip.compress(self.body, compresslevel=6, mtime=0)

    @property
    def size(self) -> int:
        # Gzipped, a page is a fifth of itself; its headers are a few hundred bytes.
        return len(self.body) * 6 // 5 + 1000

    def is_fresh(self) -> bool:
        return self.revision == revisions.current() and time.monotonic() - self.rendered_at < MAX_SECONDS

    def response(self, request: HttpRequest) -> HttpResponse:
        """The response to this request: the whole page, gzipped or not, headers alone (HEAD), or 304."""
        meta = request.META
        zipped = _accepts_gzip(meta.get("HTTP_ACCEPT_ENCODING", ""))
        etag = f'"{self.etag}-gz"' if zipped else f'"{self.etag}"'
        if_none_match = meta.get("HTTP_IF_NONE_MATCH")
        if if_none_match and _names(etag, if_none_match):
            unchanged = HttpResponse(status=304)
            del unchanged.headers["Content-Type"]
            for name in ("Cache-Control", "Vary"):
                unchanged.headers[name] = self.headers[name]
            unchanged.headers["ETag"] = etag
            return unchanged
        body = self.gzipped if zipped else self.body
        response = HttpResponse(b"" if request.method == "HEAD" else body)
        response.headers._store.update(self._stored)
        response.headers["ETag"] = etag
        response.headers["Content-Length"] = str(len(body))
        if zipped:
            response.headers["Content-Encoding"] = "gzip"
        return response

    @cached_property
    def _stored(self) -> dict[str, tuple[str, str]]:
        """In the form of Django's ResponseHeaders: checking and encoding them would dominate the response's time."""
        return {name.lower(): (name, value) for name, value in self.headers.items()}


class PageStore:
    """The pages of this process, the least recently used go first when `limit` bytes are full."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: Key) -> Page | None:
        with self._lock:
            page = self._pages.get(key)
            if page:
                self._pages.move_to_end(key)
        return page if page and page.is_fresh() else None

    def put(self, key: Key, page: Page) -> None:
        with self._lock:
            if old := self._pages.pop(key, None):
                self._bytes -= old.size
            self._pages[key] = page
            self._bytes += page.size
            while self._bytes > self._limit and self._pages:
                self._bytes -= self._pages.popitem(last=False)[1].size

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()
            self._bytes = 0


class PageCache:
    """The outermost middleware: a cached page is answered before anything else runs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.store = PageStore(settings.PAGE_CACHE_BYTES if settings.PAGE_CACHE else 0)
        self.session = import_module(settings.SESSION_ENGINE).SessionStore

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = self._key(request)
        if key and settings.PAGE_CACHE and (page := self.store.get(key)):
            return page.response(request)
        with revisions.one_state():
            response = self.get_response(request)
            shared = getattr(request, "is_shared_page", False)
            # Before the opening, whoever sees a page is of the team.
            if not key or not shared or not identity.current().is_open:
                response.headers.setdefault("Cache-Control", NO_STORE if _is_personal(request) else PERSONAL)
                return response
            if response.status_code != 200 or response.streaming or response.cookies:
                response.headers["Cache-Control"] = PERSONAL
                return response
            page = Page(revisions.current(), response.content, _shared_headers(response))
        if settings.PAGE_CACHE and any(page.revision):
            self.store.put(key, page)
        answer = page.response(request)
        # What the test client and error reports attach to a response.
        answer.__dict__.update({name: value for name, value in vars(response).items() if name not in vars(answer)})
        return answer

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> None:
        """Before a shared page, take cookies, session and account off the request."""
        if request.method in ("GET", "HEAD") and getattr(view, "is_shared_page", False):
            request.is_shared_page = True  # type: ignore[attr-defined]
            request.COOKIES = {}
            request.META.pop("HTTP_COOKIE", None)
            request.session = self.session()
            request.user = AnonymousUser()

    def _key(self, request: HttpRequest) -> Key | None:
        """The cache key, or None for what is never cached. Removes tracking parameters from the request."""
        meta = request.META
        query = meta.get("QUERY_STRING", "")
        if request.method not in ("GET", "HEAD") or len(query) > MAX_QUERY:
            return None
        if query:
            meta["FULL_QUERY_STRING"] = query
            parameters = [part for part in query.split("&") if part and not part.startswith(TRACKING)]
            meta["QUERY_STRING"] = query = "&".join(sorted(parameters))
        return (request.scheme or "", meta.get("HTTP_HOST", ""), request.path, query)


def _is_personal(request: HttpRequest) -> bool:
    """Whether the request carries credentials, writes, or is for personal data: no cache may store its response."""
    credentials = {"authorization", "x-api-key", "x-edit-token"} & {name.lower() for name in request.headers}
    return bool(
        credentials
        or settings.SESSION_COOKIE_NAME in request.COOKIES
        or request.method not in ("GET", "HEAD")
        or request.path_info.startswith(PERSONAL_PATHS)
    )


def _shared_headers(response: HttpResponse) -> dict[str, str]:
    dropped = {"content-length", "etag", "vary", "cache-control", "last-modified", "expires", "content-encoding"}
    headers = {name: value for name, value in response.items() if name.lower() not in dropped}
    return {**headers, "Cache-Control": CACHE_CONTROL, "Vary": "Accept-Encoding"}


def _accepts_gzip(accepted: str) -> bool:
    return "gzip" in accepted and "gzip;q=0" not in accepted.replace(" ", "")


def _names(etag: str, if_none_match: str) -> bool:
    """Whether If-None-Match names it; compared weakly (RFC 9110, 13.1.2), as proxies may have weakened it."""
    if if_none_match == etag:
        return True
    return any(tag == "*" or tag.removeprefix("W/") == etag for tag in parse_etags(if_none_match))

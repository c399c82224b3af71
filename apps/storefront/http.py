"""What the answers of several views have in common."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST

from apps.catalogue.listing import present_query

View = Callable[..., HttpResponse]


def personal(view: View) -> View:
    """Kept by no cache and listed by no search engine."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        response["X-Robots-Tag"] = "noindex"
        patch_vary_headers(response, ("Cookie",))
        return response

    return wrapped


def secret_link(view: View) -> View:
    """A page whose address opens it: the address is told to no other site, nor to our own logs as a referrer."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = personal(view)(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        return response

    return wrapped


def posted_from(page: str, *names: str) -> Callable[[View], View]:
    """For a view that only writes: who comes to its address by reading (a bookmark, a login on the way) is led to the
    page that its form stands on. `names` are the arguments of that page, taken from the view's own."""

    def decorated(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if request.method in ("GET", "HEAD"):
                return HttpResponseRedirect(reverse(page, kwargs={name: kwargs[name] for name in names}))
            return require_POST(view)(request, *args, **kwargs)

        return wrapped

    return decorated


def wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def see_other(address: str) -> HttpResponse:
    """After a write: the browser fetches `address` with GET, so that a reload repeats nothing (RFC 9110, 15.4.4)."""
    return HttpResponseRedirect(address, status=HTTPStatus.SEE_OTHER)


def asked_of(request: HttpRequest) -> str:
    """The whole query, with what PageCache leaves out for the view."""
    return request.META.get("FULL_QUERY_STRING", request.META.get("QUERY_STRING", ""))


def asks_by_former_codes(request: HttpRequest) -> bool:
    """Whether a list is filtered by what has another code now. `moved` leads to the same list."""
    query = request.META.get("QUERY_STRING", "")
    return present_query(query) != query


def moved(request: HttpRequest, path: str) -> HttpResponse:
    """The page has this address for good now; what was asked of it goes along, by present codes. No cache keeps the
    answer (PageCache): an address that returns to its page must not lead a browser in circles."""
    query = present_query(asked_of(request))
    return HttpResponsePermanentRedirect(f"{path}?{query}" if query else path)


def posted(request: HttpRequest) -> QueryDict | None:
    """A form's data. An empty POST is a form sent empty, which `request.POST or None` would take for a first look."""
    return request.POST if request.method == "POST" else None

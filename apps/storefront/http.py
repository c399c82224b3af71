"""Decorators and helpers that several views share."""

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
    """No cache stores the response, no search engine lists it."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        response["X-Robots-Tag"] = "noindex"
        patch_vary_headers(response, ("Cookie",))
        return response

    return wrapped


def secret_link(view: View) -> View:
    """For a page whose URL is a secret: no referrer carries it to other sites or to our own logs."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = personal(view)(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        return response

    return wrapped


def post_only(page: str, *names: str) -> Callable[[View], View]:
    """For a view that only writes: a GET (a bookmark, a redirect after login) is redirected to the page with its form.
    `names` are the arguments of that page, taken from the view's own."""

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


def see_other(url: str) -> HttpResponse:
    """After a write: the browser fetches `url` with GET, so that a reload repeats nothing (RFC 9110, 15.4.4)."""
    return HttpResponseRedirect(url, status=HTTPStatus.SEE_OTHER)


def full_query(request: HttpRequest) -> str:
    """The whole query string, with the parameters that PageCache removes for the view."""
    return request.META.get("FULL_QUERY_STRING", request.META.get("QUERY_STRING", ""))


def asks_by_former_codes(request: HttpRequest) -> bool:
    """Whether the query string filters by former codes; `moved` redirects to the same list by the present ones."""
    query = request.META.get("QUERY_STRING", "")
    return present_query(query) != query


def moved(request: HttpRequest, path: str) -> HttpResponse:
    """Permanent redirect to `path`, with the query string by present codes. No cache stores it (PageCache): when a page
    gets a former slug back, a cached redirect would lead in circles."""
    query = present_query(full_query(request))
    return HttpResponsePermanentRedirect(f"{path}?{query}" if query else path)


def post_data(request: HttpRequest) -> QueryDict | None:
    """The data for a form, None unless it was sent. `request.POST or None` would take a form sent empty for a GET."""
    return request.POST if request.method == "POST" else None

"""Error handlers (400, 403, 404, 500): the storefront, the API or the back office answers, by the URL."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views import defaults

from apps.api import errors as api
from apps.backoffice import refused as backoffice
from apps.storefront.views import errors as storefront

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    face = api if request.path_info.startswith(API) else storefront
    return face.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path_info.startswith(API):
        return api.forbidden(request)
    if request.path_info.startswith(reverse("admin:index")) and request.user.is_authenticated:
        return backoffice.forbidden(request)
    return storefront.forbidden(request)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    page = None
    if not request.path_info.startswith((API, reverse("admin:index"))):
        page = storefront.old_page(request)
    return page or defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if request.path_info.startswith(API):
        return api.server_error(request)
    return defaults.server_error(request)

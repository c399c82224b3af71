"""Error pages for requests that are refused before any view runs."""

from http import HTTPStatus

from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from apps.common.middleware.cross_site_writes import CROSS_SITE

TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400. Renders without the request: its host, query or body may be what is broken."""
    if isinstance(exception, TOO_LARGE):
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        title = _("Cet envoi est trop volumineux")
        text = _("Réduisez la taille du texte ou du fichier, puis recommencez.")
    elif isinstance(exception, DisallowedHost):
        status = HTTPStatus.BAD_REQUEST
        title = _("Cette adresse n’est pas celle de la boutique")
        text = _("Vérifiez l’adresse du site dans la barre de votre navigateur.")
    else:
        status = HTTPStatus.BAD_REQUEST
        title = _("Cette demande est illisible")
        text = _(
            "L’adresse ou le formulaire contient des caractères qui ne sont pas du texte. "
            "Revenez à la page précédente et recommencez."
        )
    page = render_to_string("storefront/errors/refused.html", {"title": title, "text": text})
    response = HttpResponse(page, status=status)
    add_never_cache_headers(response)
    return response


def forbidden(request: HttpRequest) -> HttpResponse:
    text = _("Elle est réservée à d’autres personnes. Connectez-vous avec un compte qui y a droit.")
    context = {"title": _("Cette page ne vous est pas ouverte"), "text": text}
    response = render(request, "storefront/errors/refused.html", context, status=HTTPStatus.FORBIDDEN)
    add_never_cache_headers(response)
    return response


@requires_csrf_token
def write_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW. A write from another site is refused; one of unknown origin gets a page to confirm it.

    The confirmation sends the same fields again, with Django's token, so that a browser too old to say where a request
    comes from loses nothing. A file cannot be kept that way: its form has to be filled in again.
    """
    if reason == CROSS_SITE:
        template, context = "storefront/errors/cross_site.html", {}
    else:
        fields = [
            (name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values
        ]
        template = "storefront/errors/confirm_write.html"
        context = {"fields": fields, "action": request.get_full_path(), "has_files": bool(request.FILES)}
    response = render(request, template, context, status=HTTPStatus.FORBIDDEN)
    # With « no-referrer » the confirmation itself would have an unknown origin again.
    response["Referrer-Policy"] = "same-origin"
    add_never_cache_headers(response)
    return response

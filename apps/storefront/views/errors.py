"""Error pages for requests that are refused before any view runs, and old links that no page answers."""

from http import HTTPStatus

from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from apps.common.middleware.cross_site_writes import CROSS_SITE
from apps.common.translation import current_language
from apps.imports.old_paths.counts import counts
from apps.imports.old_paths.finding import find_page
from apps.storefront.http import full_query
from apps.storefront.page_cache import TRACKING

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


# Pages whose path is a slug; all others that answer 404 hold a secret or a number of somebody's own.
SLUG_PAGES = {"product", "category", "product_without_slash", "category_without_slash"}


def old_page(request: HttpRequest) -> HttpResponse | None:
    """For handler404: a redirect to the page that a link of a former shop means, and None where no page is known.

    One query, on a page that would not be found. Parameters of advertisements go along, those of another shop do not.
    """
    match = request.resolver_match
    if request.method not in ("GET", "HEAD") or (match is not None and match.url_name not in SLUG_PAGES):
        return None
    query = full_query(request)
    found = find_page(path=request.path_info, query=query, language=current_language(), is_ours=match is not None)
    if found is None:
        counts.missed(request.path_info, query)
        return None
    if found.old_path_id is not None:
        counts.found(found.old_path_id)
    advertised = "&".join(part for part in query.split("&") if part.startswith(TRACKING))
    return HttpResponsePermanentRedirect(f"{found.path}?{advertised}" if advertised else found.path)


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
    comes from loses nothing. A file cannot be advertised that way: its form has to be filled in again.
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

"""Errors of the API in one shape: `{code, detail, fields?}`, the sentence in the caller's language."""

import math
from http import HTTPStatus
from typing import Any

from django.core.exceptions import DisallowedHost, ObjectDoesNotExist, PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response

from apps.common.errors import DomainError
from apps.common.http import status_of


class TooLarge(exceptions.APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class Refused(exceptions.APIException):
    """A refusal by the API itself: HTTP status, constant code, sentence, and seconds of Retry-After."""

    def __init__(self, status: int, code: str, detail: str, *, wait: int | None = None) -> None:
        super().__init__(detail, code)
        self.status_code = status
        self.wait = wait


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. Other exceptions are left to Django, which answers 500 and logs them."""
    if isinstance(error, DomainError):
        return Response(body(error.code, error.message), status=status_of(error))
    if isinstance(error, Http404 | ObjectDoesNotExist):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, RequestDataTooBig):
        error = TooLarge()
    elif isinstance(error, UnreadablePostError):
        error = exceptions.ParseError()
    if not isinstance(error, exceptions.APIException):
        return None
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(max(1, math.ceil(wait)))
    return Response(_described(error), status=error.status_code, headers=headers)


def body(code: str, detail: str, fields: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"code": code, "detail": str(detail)} | ({"fields": fields} if fields else {})


def _described(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        fields = error.detail if isinstance(error.detail, dict) else {"nonFieldErrors": error.detail}
        return body("invalid", _("Corrigez les champs indiqués, puis recommencez."), _plain(fields))
    if isinstance(error, exceptions.Throttled):
        return body("throttled", too_fast(error.wait))
    if isinstance(error, Refused):
        return body(error.get_codes(), error.detail)
    code, sentence = {
        exceptions.NotFound: ("not_found", _("Il n’y a rien à cette adresse.")),
        exceptions.NotAuthenticated: (
            "not_authenticated",
            _("Connectez-vous, ou joignez un jeton ou une clé d’API à la demande."),
        ),
        exceptions.AuthenticationFailed: (
            "authentication_failed",
            _("Ce jeton ou cette clé n’est pas valable. Connectez-vous de nouveau."),
        ),
        exceptions.PermissionDenied: (
            "permission_denied",
            _("Vous n’avez pas le droit de faire cela. Demandez-le à un administrateur."),
        ),
        exceptions.MethodNotAllowed: ("method_not_allowed", _("Cette adresse n’accepte pas cette méthode.")),
        exceptions.ParseError: ("unreadable", _("Le corps de la demande n’est pas du JSON lisible.")),
        exceptions.UnsupportedMediaType: (
            "unsupported_media_type",
            _("Envoyez du JSON, avec l’en-tête « Content-Type: application/json »."),
        ),
        TooLarge: ("too_large", _("Cet envoi est trop volumineux. Réduisez le texte, puis recommencez.")),
    }.get(type(error), ("refused", str(error.detail)))
    return body(code, sentence)


def too_fast(wait: float | None) -> str:
    seconds = max(1, math.ceil(wait or 1))
    if seconds < 120:
        return ngettext(
            "Vous allez trop vite. Réessayez dans %(count)s seconde.",
            "Vous allez trop vite. Réessayez dans %(count)s secondes.",
            seconds,
        ) % {"count": seconds}
    return _("Vous allez trop vite. Réessayez dans %(count)s minutes.") % {"count": math.ceil(seconds / 60)}


def _plain(detail: Any) -> Any:
    """Lists of sentences under each field's name, without DRF's string subclasses."""
    if isinstance(detail, dict):
        return {str(name): _plain(value) for name, value in detail.items()}
    if isinstance(detail, list):
        return [_plain(value) for value in detail]
    return str(detail)


@csrf_exempt
def not_found(request: HttpRequest) -> HttpResponse:
    """Any other URL under /api/."""
    return _refusal(HTTPStatus.NOT_FOUND, body("not_found", _("Il n’y a rien à cette adresse.")))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400 for URLs of the API: refused before any view ran."""
    if isinstance(exception, RequestDataTooBig):
        return _refusal(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            body("too_large", _("Cet envoi est trop volumineux. Réduisez le texte, puis recommencez.")),
        )
    if isinstance(exception, DisallowedHost):
        return _refusal(HTTPStatus.BAD_REQUEST, body("unknown_host", _("Cette adresse n’est pas celle de la boutique")))
    return _refusal(
        HTTPStatus.BAD_REQUEST,
        body("malformed", _("La demande contient des caractères qui ne sont pas du texte. Corrigez-la.")),
    )


def forbidden(request: HttpRequest) -> HttpResponse:
    """handler403 for URLs of the API."""
    return _refusal(HTTPStatus.FORBIDDEN, _described(exceptions.PermissionDenied()))


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500 for URLs of the API."""
    return _refusal(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        body("failed", _("Une erreur est survenue de notre côté. Réessayez dans quelques minutes.")),
    )


def _refusal(status: int, content: dict[str, Any]) -> HttpResponse:
    return JsonResponse(content, status=status, json_dumps_params={"ensure_ascii": False})

"""Forms that are refused as a whole: the page cannot be displayed again, but what was typed is."""

import re
from http import HTTPStatus

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from apps.common.sent import has_typed, sent_fields, sent_files

# Counts of rows, numbers of records and snapshots.
_UNTYPED = re.compile(r"_.*|initial-.*|(.+-)?(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS|(.+-)?(id|seen)|conflict-asked")


def forbidden(request: HttpRequest) -> HttpResponse:
    """For a member of the team without the permission, or who lost it."""
    return _page(
        request,
        title=_("Vous n’avez pas le droit de faire cela"),
        text=_("Vos droits ne couvrent pas cette page, ou ont changé depuis que vous l’avez ouverte."),
        status=HTTPStatus.FORBIDDEN,
    )


def deleted(request: HttpRequest) -> HttpResponse:
    """For a change to a record that somebody else deleted meanwhile."""
    return _page(
        request,
        title=_("Quelqu’un a supprimé cette fiche pendant que vous la modifiiez"),
        text=_("Elle n’existe plus : rien n’est enregistré."),
        status=HTTPStatus.CONFLICT,
    )


def clashing(request: HttpRequest) -> HttpResponse:
    """For a save that the database refused after validation passed: two rows that exchange a unique value."""
    return _page(
        request,
        title=_("Une valeur est déjà prise"),
        text=_(
            "Une autre ligne ou une autre fiche la porte : rien n’est enregistré. Changez l’autre d’abord, "
            "enregistrez, puis recommencez."
        ),
        status=HTTPStatus.CONFLICT,
    )


def _page(request: HttpRequest, *, title: str, text: str, status: HTTPStatus) -> HttpResponse:
    is_form = request.method == "POST" and has_typed(request)
    context = {
        **admin.site.each_context(request),
        "title": title,
        "text": text,
        "typed": typed(request) if is_form else [],
        "files": sent_files(request) if is_form else [],
        "back_url": reverse("admin:index"),
    }
    answer = render(request, "backoffice/refused.html", context, status=status)
    add_never_cache_headers(answer)
    return answer


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """The typed values, with the labels of the form where it was the form of a record."""
    model = _model_of(request)
    return [
        (_label(model, name), value)
        for name, value in sent_fields(request)
        if value.strip() and not _UNTYPED.fullmatch(name)
    ]


def _model_of(request: HttpRequest) -> type[Model] | None:
    page = (request.resolver_match.url_name if request.resolver_match else None) or ""
    for model in admin.site._registry:
        if page.startswith(f"{model._meta.app_label}_{model._meta.model_name}_"):
            return model
    return None


def _label(model: type[Model] | None, name: str) -> str:
    """Label of a field, or of an inline's: « prices-3-amount » is the fourth row's amount."""
    match = re.fullmatch(r"(?:(\w+)-(\d+)-)?(\w+)", name)
    if model is None or match is None:
        return name
    inline, number, field = match.groups()
    try:
        if not inline:
            return str(model._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
        row = model._meta.get_field(inline).related_model
        return f"{row._meta.verbose_name} {int(number) + 1} · {row._meta.get_field(field).verbose_name}"  # type: ignore[union-attr]
    except (AttributeError, FieldDoesNotExist):
        return name

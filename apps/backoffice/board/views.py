"""The board of prospects: the page, its columns for scripts, and the move of a card."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.backoffice.board.columns import read_columns
from apps.backoffice.board.filters import Filters
from apps.backoffice.board.moves import MoveForm, move
from apps.backoffice.board.texts import texts
from apps.backoffice.models import SavedView
from apps.common.errors import DomainError
from apps.common.http import status_of
from apps.prospects.models import Prospect, Stage
from apps.prospects.services import Place, ReasonRequired, board_hash


def may(request: HttpRequest, verb: str) -> None:
    if not request.user.has_perm(f"prospects.{verb}_prospect"):
        raise PermissionDenied


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """The page; with `part=columns` its columns alone, and 304 while no card and no column has changed."""
    may(request, "view")
    now = timezone.now()
    # Read before the cards: a change in between is fetched twice, never missed.
    etag = f'"{board_hash()}-{timezone.localdate(now):%Y%m%d}"'
    is_part = request.GET.get("part") == "columns"
    if is_part:
        unchanged = get_conditional_response(request, etag=etag)
        if unchanged is not None:
            return unchanged
    filters = Filters(request.GET)
    stages = list(Stage.objects.all())
    context = {
        "columns": read_columns(filters=filters, stages=stages, user=request.user, now=now),
        "can_move": request.user.has_perm("prospects.change_prospect"),
        "is_filtered": bool(filters.asked),
        "here": _here(filters),
    }
    if is_part:
        return TemplateResponse(request, "backoffice/board/columns.html", context, headers={"ETag": etag})
    context |= {
        **admin.site.each_context(request),
        "title": _("Tableau des prospects"),
        "is_fullwidth": "1",
        "filters": filters,
        "views": SavedView.objects.seen_by(request.user),
        "current_query": filters.query_string(),
        "etag": etag,
        "texts": texts(),
    }
    return TemplateResponse(request, "backoffice/board/page.html", context)


@require_http_methods(["GET", "POST"])
def move_card(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A form that moves one card; a script posts the same form and gets JSON."""
    may(request, "change")
    is_script = request.headers.get("Accept") == "application/json"
    prospect = Prospect.objects.not_deleted().cards().filter(public_id=public_id).first()
    if prospect is None and is_script:
        text = _("Cette carte n’est plus sur le tableau : elle a été supprimée ou fusionnée.")
        return JsonResponse({"code": "gone", "detail": text}, status=404)
    if prospect is None:
        prospect = get_object_or_404(Prospect.objects.not_deleted(), public_id=public_id)
    back = _back(request)
    initial = {"version": prospect.version, "stage": prospect.stage.code, "place": Place.TOP}
    form = MoveForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            moved = move(prospect=prospect, given=form.cleaned_data, by=request.user)
        except DomainError as error:
            if is_script:
                return _refusal(error)
            form = _asked_again(form, error)
        else:
            if is_script:
                return JsonResponse({"code": "moved", "version": moved.version, "stage": moved.stage.code})
            values = {"name": moved, "stage": moved.stage.name}
            messages.success(request, _("%(name)s est maintenant dans « %(stage)s ».") % values)
            return redirect(back)
    elif is_script:
        return JsonResponse({"code": "invalid", "detail": _("Ce déplacement est incomplet.")}, status=400)
    context = {
        **admin.site.each_context(request),
        "title": _("Déplacer une carte"),
        "subtitle": str(prospect),
        "prospect": prospect,
        "form": form,
        "back": back,
    }
    return TemplateResponse(request, "backoffice/board/move.html", context, status=422 if form.errors else 200)


def _refusal(error: DomainError) -> JsonResponse:
    answer: dict[str, Any] = {"code": error.code, "detail": error.message}
    fresh = error.details.get("prospect")
    if isinstance(fresh, Prospect):
        answer |= {"version": fresh.version, "stage": fresh.stage.code}
    return JsonResponse(answer, status=status_of(error))


def _asked_again(form: MoveForm, error: DomainError) -> MoveForm:
    """The form of a refused move; after a stale version it carries the card's present version."""
    fresh = error.details.get("prospect")
    data = form.data.copy()
    if isinstance(fresh, Prospect):
        data["version"] = str(fresh.version)
    again = MoveForm(data)
    again.is_valid()
    again.add_error("reason" if isinstance(error, ReasonRequired) else None, error.message)
    return again


def _here(filters: Filters) -> str:
    query = filters.query_string(pages=filters.pages)
    return reverse("backoffice:board") + (f"?{query}" if query else "")


def _back(request: HttpRequest) -> str:
    """Where on the board the form was opened; nowhere else."""
    board_url = reverse("backoffice:board")
    asked = urlsplit(request.GET.get("back", ""))
    if (asked.scheme, asked.netloc, asked.path) == ("", "", board_url):
        return board_url + (f"?{asked.query}" if asked.query else "")
    return board_url

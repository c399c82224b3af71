"""Actions on a card besides editing it; each redirects to the card, or displays the refused form."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.backoffice.prospects.card import card_url, show
from apps.backoffice.prospects.forms import FileForm, MoveForm, NoteForm
from apps.common.documents import document_response
from apps.common.errors import DomainError
from apps.prospects import services
from apps.prospects.models import Prospect


def write_note(request: HttpRequest, card: Prospect, frame: dict[str, Any]) -> HttpResponse:
    form = NoteForm(request.POST)
    if not form.is_valid():
        return show(request, card, frame, note_form=form, status=422)
    written = services.add_note(prospect_id=card.pk, by=_author(request), now=timezone.now(), **form.cleaned_data)
    if written.notified:
        names = ", ".join(user.get_full_name() or user.email for user in written.notified)
        messages.success(request, _("Note enregistrée. Prévenu par e-mail : %(names)s.") % {"names": names})
    else:
        messages.success(request, _("Note enregistrée."))
    if written.unknown:
        names = ", ".join(f"@{name}" for name in written.unknown)
        messages.warning(request, _("Personne de l’équipe ne répond à ce nom : %(names)s.") % {"names": names})
    return redirect(card_url(card.pk))


def add_file(request: HttpRequest, card: Prospect, frame: dict[str, Any]) -> HttpResponse:
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return show(request, card, frame, file_form=form, status=422)
    try:
        services.attach_file(
            prospect_id=card.pk, file=form.cleaned_data["file"], by=_author(request), now=timezone.now()
        )
    except DomainError as error:
        form.add_error("file", error.message)
        return show(request, card, frame, file_form=form, status=422)
    messages.success(request, _("Fichier ajouté."))
    return redirect(card_url(card.pk))


def download(request: HttpRequest, card: Prospect, attachment_id: int) -> HttpResponseBase:
    stored = get_object_or_404(card.attachments, pk=attachment_id)
    return document_response(stored.file, filename=stored.name, content_type=stored.content_type)


def remove_file(request: HttpRequest, card: Prospect, attachment_id: int) -> HttpResponse:
    services.remove_file(prospect_id=card.pk, attachment_id=attachment_id, by=_author(request), now=timezone.now())
    messages.success(request, _("Fichier supprimé."))
    return redirect(card_url(card.pk))


def move(request: HttpRequest, card: Prospect, frame: dict[str, Any]) -> HttpResponse:
    form = MoveForm(request.POST)
    if not form.is_valid():
        return show(request, card, frame, move_form=form, status=422)
    given = form.cleaned_data
    try:
        services.move_prospect(
            prospect_id=card.pk,
            version=given["version"],
            stage_code=given["stage"].code,
            reason=given["reason"],
            by=_author(request),
            now=timezone.now(),
        )
    except services.StaleVersion as error:
        messages.error(request, error.message)
        fresh = error.details["prospect"]
        data = request.POST.copy()
        data["version"] = str(fresh.version)
        return show(request, fresh, frame, move_form=MoveForm(data), status=409)
    except DomainError as error:
        form.add_error(None, error.message)
        return show(request, card, frame, move_form=form, status=422)
    messages.success(request, _("La carte est dans « %(stage)s ».") % {"stage": given["stage"].name})
    return redirect(card_url(card.pk))


def delete(request: HttpRequest, card: Prospect) -> HttpResponse:
    services.delete_prospect(prospect_id=card.pk, by=_author(request), now=timezone.now())
    messages.success(request, _("La carte est supprimée. Elle peut être rétablie pendant 30 jours."))
    return redirect("admin:prospects_prospect_changelist")


def _author(request: HttpRequest) -> services.Author:
    return services.Author(user=request.user)  # type: ignore[arg-type]

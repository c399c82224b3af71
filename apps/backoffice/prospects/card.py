"""The page of one prospect: contact, next action, history."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from apps.backoffice.prospects.forms import CardForm, FileForm, MoveForm, NoteForm
from apps.backoffice.prospects.story import display, label, story
from apps.common.errors import DomainError
from apps.prospects import services
from apps.prospects.fields import CONTACT, EDITABLE, FOLLOW_UP
from apps.prospects.models import Prospect, ProspectEvent, Stage
from apps.prospects.services.mentions import handles, short_handles
from apps.prospects.services.merge import last_merge, merged_cards

MAX_EVENTS = 200


@dataclass(frozen=True)
class Conflict:
    label: str
    typed: str
    current: str
    is_mine: bool  # typed over, not only changed by somebody else


def show(request: HttpRequest, card: Prospect, frame: dict[str, Any], **forms: Any) -> HttpResponse:
    """The page; its number of queries does not depend on how many notes, files or events there are."""
    may_change = request.user.has_perm("prospects.change_prospect")
    others = merged_cards(card)
    events = (
        ProspectEvent.objects.filter(prospect__in=[card.pk, *others])
        .select_related("from_stage", "to_stage", "prospect")
        .order_by("-at", "-pk")[: MAX_EVENTS + 1]
    )
    chapters = story(events[:MAX_EVENTS], card=card)
    form = forms.get("form") or CardForm(instance=card)
    today = localdate()
    context = {
        **frame,
        "title": str(card),
        "subtitle": card.company or None,
        "card": card,
        "form": form,
        "groups": [
            (title, [form[field.name] for field in fields])
            for title, fields in ((_("Contact"), CONTACT), (_("Suivi"), FOLLOW_UP))
        ],
        "conflicts": forms.get("conflicts", []),
        "note_form": forms.get("note_form") or NoteForm(),
        "file_form": forms.get("file_form") or FileForm(),
        "move_form": forms.get("move_form") or MoveForm(initial={"version": card.version, "stage": card.stage}),
        "asking_stages": ", ".join(stage.name for stage in Stage.objects.filter(asks_reason=True)),
        "notes": list(card.notes.all()),
        "attachments": list(card.attachments.all()),
        "chapters": chapters,
        "more_chapters": len(events) > MAX_EVENTS,
        "duplicates": list(Prospect.objects.like(card).cards().order_by("pk")[:5]),
        "merge": last_merge(card, now=timezone.now()),
        "colleagues": [(handle, user.get_full_name()) for handle, user in short_handles(handles())],
        "days_in_stage": (timezone.now() - card.stage_since).days,
        "is_late": bool(card.next_action_date and card.next_action_date < today),
        "is_today": card.next_action_date == today,
        "may_change": may_change,
        "may_delete": request.user.has_perm("prospects.delete_prospect"),
        "may_open_account": bool(card.customer_id) and request.user.has_perm("accounts.view_user"),
    }
    return TemplateResponse(request, "backoffice/prospects/card.html", context, status=forms.get("status", 200))


def save(request: HttpRequest, card: Prospect, frame: dict[str, Any]) -> HttpResponse:
    form = CardForm(request.POST, instance=card)
    if not form.is_valid():
        return show(request, card, frame, form=form, status=422)
    try:
        services.update_prospect(
            prospect_id=card.pk,
            version=form.cleaned_data["version"],
            changes=form.touched,
            by=services.Author(user=request.user),
            now=timezone.now(),
        )
    except services.StaleVersion as error:
        fresh = error.details["prospect"]
        form, conflicts = _with_fresh(request, form, fresh)
        messages.error(
            request,
            _("Rien n’est enregistré : quelqu’un a modifié cette carte entre-temps. Relisez, puis enregistrez."),
        )
        return show(request, fresh, frame, form=form, conflicts=conflicts, status=409)
    except DomainError as error:
        form.add_error(None, error.message)
        return show(request, card, frame, form=form, status=422)
    messages.success(request, _("La carte est enregistrée."))
    return redirect(card_url(card.pk))


def _with_fresh(request: HttpRequest, form: CardForm, fresh: Prospect) -> tuple[CardForm, list[Conflict]]:
    """The same form over the present card: what was typed stays, all else is as colleagues saved it."""
    typed = form.touched
    data = request.POST.copy()
    renewed = CardForm(instance=fresh)
    conflicts = []
    for name in EDITABLE:
        now_there = renewed[name].value()
        was_there = form.rendered_value(name)
        current = getattr(fresh, name)
        if name in typed and current != typed[name] and current != was_there:
            conflicts.append(Conflict(label(name), display(typed[name]), display(current), is_mine=True))
        elif name not in typed and current != was_there:
            conflicts.append(Conflict(label(name), "", display(current), is_mine=False))
        text = "" if now_there is None else renewed.fields[name].widget.format_value(now_there)
        text = text[0] if isinstance(text, list) else text
        data[form[name].html_initial_name] = text or ""
        if name not in typed:
            data[name] = text or ""
    data["version"] = str(fresh.version)
    return CardForm(data, instance=fresh), conflicts


def card_url(number: int) -> str:
    return reverse("admin:prospects_prospect_change", args=[number])

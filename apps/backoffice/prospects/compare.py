"""Two cards of perhaps one person side by side; merging them, and undoing it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.backoffice.prospects.card import card_url
from apps.backoffice.prospects.story import display, label
from apps.common.errors import DomainError
from apps.prospects import services
from apps.prospects.fields import EDITABLE
from apps.prospects.models import Prospect

OTHER = "other"


@dataclass(frozen=True)
class Row:
    field: str
    label: str
    mine: str
    theirs: str
    takes_theirs: bool

    @property
    def differs(self) -> bool:
        return self.mine != self.theirs


def show(
    request: HttpRequest, card: Prospect, frame: dict[str, Any], other: int, status: int = 200, problem: str = ""
) -> HttpResponse:
    second = get_object_or_404(Prospect.objects.not_deleted().cards(), pk=other)
    chosen = request.POST if request.method == "POST" else {}
    context = {
        **frame,
        "title": _("Deux cartes de la même personne ?"),
        "card": card,
        "other": second,
        "rows": [_row(name, card, second, chosen) for name in EDITABLE],
        "problem": problem,
    }
    return TemplateResponse(request, "backoffice/prospects/compare.html", context, status=status)


def merge(request: HttpRequest, card: Prospect, frame: dict[str, Any], other: int) -> HttpResponse:
    """Merge into `card`, with the values that were chosen from the other."""
    try:
        services.merge_prospects(
            survivor_id=card.pk,
            survivor_version=_number(request.POST.get("version", "")),
            gone_id=other,
            gone_version=_number(request.POST.get("other_version", "")),
            taken=[name for name in EDITABLE if request.POST.get(name) == OTHER],
            by=services.Author(user=request.user),  # type: ignore[arg-type]
            now=timezone.now(),
        )
    except DomainError as error:
        fresh = get_object_or_404(Prospect.objects.not_deleted().cards(), pk=card.pk)
        return show(request, fresh, frame, other, status=409, problem=error.message)
    except Prospect.DoesNotExist:
        messages.error(request, _("L’une des deux cartes n’est plus là : quelqu’un l’a supprimée ou déjà fusionnée."))
        return redirect("admin:prospects_prospect_changelist")
    messages.success(request, _("Les deux cartes n’en font plus qu’une. La fusion peut être annulée pendant 30 jours."))
    return redirect(card_url(card.pk))


def undo(request: HttpRequest, card: Prospect, merge: int) -> HttpResponse:
    try:
        undone = services.undo_merge(
            merge_id=merge,
            by=services.Author(user=request.user),  # type: ignore[arg-type]
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(card_url(card.pk))
    messages.success(request, _("La fusion est annulée : les deux cartes sont de nouveau là."))
    if undone.left_alone:
        names = ", ".join(label(name).lower() for name in undone.left_alone)
        messages.warning(request, _("Modifié depuis la fusion, et laissé tel quel : %(names)s.") % {"names": names})
    return redirect(card_url(card.pk))


def _row(name: str, card: Prospect, other: Prospect, chosen: Any) -> Row:
    mine, theirs = getattr(card, name), getattr(other, name)
    takes = chosen.get(name) == OTHER if name in chosen else not mine and bool(theirs)
    return Row(name, label(name), _spoken(mine), _spoken(theirs), takes)


def _spoken(value: Any) -> str:
    return display(value.get_full_name() or value.email if hasattr(value, "get_full_name") else value)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0

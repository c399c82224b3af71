"""A card's history as sentences."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.prospects.fields import FIELDS
from apps.prospects.fields import Kind as FieldKind
from apps.prospects.models import Prospect, ProspectEvent

Kind = ProspectEvent.Kind


@dataclass(frozen=True)
class Difference:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Chapter:
    at: datetime
    sentence: str
    reason: str
    differences: list[Difference]
    of: str  # the other card of a merge


def story(events: Iterable[ProspectEvent], *, card: Prospect) -> list[Chapter]:
    """Newest first. Reads nothing but the events, which come with `from_stage`, `to_stage` and `prospect`."""
    return [
        Chapter(
            at=event.at,
            sentence=_sentence(event),
            reason=event.reason,
            differences=_differences(event),
            of=str(event.prospect) if event.prospect_id != card.pk else "",
        )
        for event in events
    ]


def label(field: str) -> str:
    name = str(Prospect._meta.get_field(field).verbose_name)
    return name[:1].upper() + name[1:]


def display(value: Any) -> str:
    if value is None or value == "":
        return "—"
    return date_format(value, "j F Y") if isinstance(value, date) else str(value)


def _display_change(name: str, value: Any) -> str:
    """History keeps a date as text."""
    if value and name in FIELDS and FIELDS[name].kind is FieldKind.DATE:
        value = date.fromisoformat(value)
    return display(value)


def _sentence(event: ProspectEvent) -> str:
    who = event.by_name or (_("Le formulaire") if event.kind == Kind.CREATED else _("Le système"))
    words = {"who": who, "from": event.from_stage, "to": event.to_stage, **_texts(event)}
    if event.kind == Kind.MOVED and event.from_stage_id == event.to_stage_id:
        return _("%(who)s a changé la place de la carte dans « %(to)s ».") % words
    sentences = {
        Kind.CREATED: _("%(who)s a créé la carte."),
        Kind.CHANGED: _("%(who)s a modifié la carte."),
        Kind.MOVED: _("%(who)s a déplacé la carte de « %(from)s » à « %(to)s »."),
        Kind.DELETED: _("%(who)s a supprimé la carte."),
        Kind.RESTORED: _("%(who)s a rétabli la carte."),
        Kind.NOTED: _("%(who)s a écrit une note."),
        Kind.FILED: _("%(who)s a ajouté le fichier « %(file)s »."),
        Kind.UNFILED: _("%(who)s a supprimé le fichier « %(file)s »."),
        Kind.MERGED: _("%(who)s a fondu deux cartes en une."),
        Kind.UNMERGED: _("%(who)s a annulé une fusion."),
        Kind.CONVERTED: _("%(who)s a fait de ce prospect un client."),
        Kind.WARNED: _("La fin de conservation a été annoncée à l’équipe."),
        Kind.ANONYMISED: _("La carte a été anonymisée."),
    }
    return sentences[Kind(event.kind)] % words


def _texts(event: ProspectEvent) -> dict[str, str]:
    return {"file": str(event.changes.get("file", ""))}


def _differences(event: ProspectEvent) -> list[Difference]:
    fields = {field.name for field in Prospect._meta.get_fields()}
    return [
        Difference(label(name), _display_change(name, change[0]), _display_change(name, change[1]))
        for name, change in event.changes.items()
        if name in fields and isinstance(change, list) and len(change) == 2
    ]

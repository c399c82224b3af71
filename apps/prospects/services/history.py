"""Locks a card, and saves a change with its new version and a line of history in one transaction."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.prospects.models import Prospect, ProspectEvent
from apps.prospects.services.errors import StaleVersion

Kind = ProspectEvent.Kind


@dataclass(frozen=True)
class Author:
    """Who changes a card: somebody of the team, or a program by the name of its key."""

    user: User | None = None
    name: str = ""

    @property
    def signature(self) -> str:
        return (self.name or (self.user.get_full_name() or self.user.email if self.user else ""))[:120]


def lock(prospect_id: int, version: int | None) -> Prospect:
    prospect = Prospect.objects.not_deleted().cards().select_for_update(of=("self",)).get(pk=prospect_id)
    if version is not None and prospect.version != version:
        raise StaleVersion(
            _("Quelqu’un a modifié ce prospect entre-temps. Voici où il en est : recommencez si besoin."),
            prospect=prospect,
        )
    return prospect


def save(prospect: Prospect, now: datetime) -> None:
    prospect.version += 1
    prospect.updated_at = now
    prospect.save()


def note(prospect: Prospect, kind: str, by: Author, now: datetime, **fields: Any) -> None:
    ProspectEvent.objects.create(prospect=prospect, kind=kind, at=now, by=by.user, by_name=by.signature, **fields)


def touch(prospect: Prospect, now: datetime) -> None:
    """Record a contact: the three years of retention restart (retention.py)."""
    prospect.last_contact_at, prospect.warned_at = now, None
    Prospect.objects.filter(pk=prospect.pk).update(last_contact_at=now, warned_at=None)


def recordable(value: Any) -> Any:
    if isinstance(value, User):
        return value.email
    return value.isoformat() if isinstance(value, date) else value

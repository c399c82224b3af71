from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.email_addresses import canonical_email
from apps.common.transactions import retry_on_deadlock
from apps.prospects.contact import email_key, phone_key
from apps.prospects.fields import EDITABLE
from apps.prospects.models import Prospect
from apps.prospects.services.errors import NotStaff
from apps.prospects.services.history import Author, Kind, lock, note, recordable, save
from apps.prospects.services.move import enter, lock_stage


@retry_on_deadlock
def update_prospect(
    *,
    prospect_id: int,
    version: int | None,
    changes: dict[str, Any],
    by: Author,
    now: datetime,
    stage_code: str | None = None,
    reason: str = "",
) -> Prospect:
    """Change fields (EDITABLE) of a card and, with `stage_code`, put it on top of another column: all or nothing.

    Without a version the last write wins. Its present column is no move. Locks the column, then the card. Raises
    StaleVersion, NotStaff, UnknownStage, ReasonRequired, Prospect.DoesNotExist.
    """
    unknown = set(changes) - set(EDITABLE)
    if unknown:
        raise ValueError(f"not editable: {sorted(unknown)}")
    assignee = changes.get("assignee")
    if assignee is not None and not (assignee.is_staff and assignee.is_active):
        raise NotStaff(_("Cette personne ne fait pas partie de l’équipe. Choisissez quelqu’un d’autre."))
    with transaction.atomic(durable=True):
        stage = lock_stage(stage_code) if stage_code is not None else None
        prospect = lock(prospect_id, version)
        former = prospect.stage
        moves = stage_code is not None and former.code != stage_code
        before = {name: getattr(prospect, name) for name in changes}
        for name, value in changes.items():
            setattr(prospect, name, canonical_email(value) if name == "email" else value)
        different = {
            name: [recordable(old), recordable(getattr(prospect, name))]
            for name, old in before.items()
            if old != getattr(prospect, name)
        }
        if "assignee" in different:
            prospect.assigned_at = now
        if different:
            prospect.email_key = email_key(prospect.email)
            prospect.phone_key = phone_key(prospect.phone)
        if moves:
            enter(prospect, stage, reason=reason, now=now)
        if different or moves:
            save(prospect, now)
        if different:
            note(prospect, Kind.CHANGED, by, now, changes=different)
        if moves:
            note(prospect, Kind.MOVED, by, now, from_stage=former, to_stage=prospect.stage, reason=reason.strip())
    return prospect

from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.transactions import retry_on_deadlock
from apps.prospects.models import Prospect, ProspectEvent, Stage
from apps.prospects.services.errors import ReasonRequired, StageFull, StaleVersion, UnknownStage
from apps.prospects.services.history import Author, Kind, lock, note, save
from apps.prospects.services.ranks import place


@retry_on_deadlock
def move_prospect(
    *,
    prospect_id: int,
    version: int,
    stage_code: str,
    after: UUID | None = None,
    before: UUID | None = None,
    reason: str = "",
    within_limit: bool = False,
    by: Author,
    now: datetime,
) -> Prospect:
    """Put a card into a column, under the card `after` and above the card `before`, as far as they are still there;
    with neither, on top. Locks the column, then the card. A repeat by the same person changes nothing.

    Raises StaleVersion, UnknownStage, ReasonRequired, Prospect.DoesNotExist; with `within_limit` also StageFull.
    """
    with transaction.atomic(durable=True):
        stage = lock_stage(stage_code)
        if stage is None:
            raise _unknown_stage()
        try:
            prospect = lock(prospect_id, version)
        except StaleVersion as stale:
            repeated = cast(Prospect, stale.details["prospect"])
            if _is_repeat(repeated, version, stage, by):
                return repeated
            raise
        former = prospect.stage
        if former != stage:
            _check_reason(stage, reason)
        if within_limit and former != stage:
            _check_limit(stage)
        prospect.rank = place(stage, prospect, after, before, now)
        if former != stage:
            prospect.stage, prospect.stage_since = stage, now
            prospect.last_contact_at, prospect.warned_at = now, None
        save(prospect, now)
        note(prospect, Kind.MOVED, by, now, from_stage=former, to_stage=stage, reason=reason.strip())
    return prospect


def lock_stage(code: str) -> Stage | None:
    """The visible column with this code, its row locked until the transaction ends."""
    return Stage.objects.select_for_update().visible().filter(code=code).first()


def enter(prospect: Prospect, stage: Stage | None, *, reason: str, now: datetime) -> None:
    """Set a locked card on top of another, locked column; the caller saves. Raises UnknownStage, ReasonRequired."""
    if stage is None:
        raise _unknown_stage()
    _check_reason(stage, reason)
    prospect.rank = place(stage, prospect, None, None, now)
    prospect.stage, prospect.stage_since = stage, now
    prospect.last_contact_at, prospect.warned_at = now, None


def _check_reason(stage: Stage, reason: str) -> None:
    if stage.asks_reason and not reason.strip():
        raise ReasonRequired(_("L’étape « %(stage)s » demande un motif. Donnez-en un.") % {"stage": stage.name})


def _unknown_stage() -> UnknownStage:
    return UnknownStage(_("Cette étape n’existe pas. Choisissez-en une du tableau."))


def _is_repeat(prospect: Prospect, version: int, stage: Stage, by: Author) -> bool:
    """Whether the one change since `version` is this same move, whose response was lost."""
    if prospect.version != version + 1:
        return False
    last = prospect.events.order_by("-pk").filter(kind=Kind.MOVED).first()
    return last is not None and _same_author(last, by) and last.to_stage_id == stage.pk == prospect.stage_id


def _same_author(event: ProspectEvent, by: Author) -> bool:
    return by.user is not None and event.by_id == by.user.pk


def _check_limit(stage: Stage) -> None:
    count = Prospect.objects.not_deleted().filter(stage=stage).count()
    if stage.is_full(count):
        raise StageFull(
            _("La colonne « %(stage)s » a déjà %(count)s cartes pour %(limit)s conseillées.")
            % {"stage": stage.name, "count": count, "limit": stage.wip_limit},
            stage=stage,
            count=count,
        )

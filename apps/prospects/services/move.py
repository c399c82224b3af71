from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.transactions import survives_deadlock
from apps.prospects.models import Prospect, Stage
from apps.prospects.services.errors import ReasonRequired, UnknownStage
from apps.prospects.services.history import Author, Kind, lock, note, save
from apps.prospects.services.ranks import place


@survives_deadlock
def move_prospect(
    *,
    prospect_id: int,
    version: int,
    stage_code: str,
    after: UUID | None = None,
    before: UUID | None = None,
    reason: str = "",
    by: Author,
    now: datetime,
) -> Prospect:
    """Put a card into a column, under the card `after` and above the card `before`, as far as they are still there;
    with neither, on top. Locks the column, then the card.

    Raises StaleVersion, UnknownStage, ReasonRequired, Prospect.DoesNotExist.
    """
    with transaction.atomic(durable=True):
        stage = Stage.objects.select_for_update().filter(code=stage_code).first()
        if stage is None:
            raise UnknownStage(_("Cette étape n’existe pas. Choisissez-en une du tableau."), status=400)
        prospect = lock(prospect_id, version)
        former = prospect.stage
        if stage.asks_reason and former != stage and not reason.strip():
            raise ReasonRequired(
                _("L’étape « %(stage)s » demande un motif. Donnez-en un.") % {"stage": stage.name}, status=400
            )
        prospect.rank = place(stage, prospect, after, before, now)
        if former != stage:
            prospect.stage, prospect.stage_since = stage, now
            prospect.last_contact_at, prospect.warned_at = now, None
        save(prospect, now)
        note(prospect, Kind.MOVED, by, now, from_stage=former, to_stage=stage, reason=reason.strip())
    return prospect

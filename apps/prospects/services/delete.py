from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.transactions import retry_on_deadlock
from apps.prospects.models import Prospect
from apps.prospects.services.errors import TooLate
from apps.prospects.services.history import Author, Kind, lock, note, save

RESTORABLE = timedelta(days=30)


@retry_on_deadlock
def delete_prospect(*, prospect_id: int, by: Author, now: datetime) -> None:
    """Take a card off the board; it can be restored for 30 days. Raises Prospect.DoesNotExist, also on a repeat."""
    with transaction.atomic(durable=True):
        prospect = lock(prospect_id, None)
        prospect.deleted_at = now
        save(prospect, now)
        note(prospect, Kind.DELETED, by, now)


@retry_on_deadlock
def restore_prospect(*, prospect_id: int, by: Author, now: datetime) -> Prospect:
    """Put a deleted card back where it was. Raises TooLate, Prospect.DoesNotExist. A repeat changes nothing."""
    with transaction.atomic(durable=True):
        prospect = Prospect.objects.select_for_update(of=("self",)).cards().get(pk=prospect_id)
        if prospect.deleted_at is None:
            return prospect
        if prospect.merged_into_id is not None:
            raise TooLate(_("Cette carte est fondue dans une autre. Annulez la fusion depuis l’autre carte."))
        if prospect.deleted_at < now - RESTORABLE:
            raise TooLate(_("Ce prospect est supprimé depuis plus de 30 jours : il ne peut plus être rétabli."))
        prospect.deleted_at = None
        save(prospect, now)
        note(prospect, Kind.RESTORED, by, now)
    return prospect

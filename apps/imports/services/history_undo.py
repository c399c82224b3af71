"""Undoes an import of customers or past orders, for thirty days."""

from collections.abc import Sequence
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.common.transactions import retry_on_deadlock
from apps.imports.history.write import BATCH, beat, brought, state_hash
from apps.imports.models import HistoryImport, ImportedCustomer
from apps.imports.retention import JOURNAL_RETENTION
from apps.imports.services.history_imports import Status, outcome
from apps.imports.services.undo import NotToUndo
from apps.orders.models import Order, PastOrder
from apps.prospects.models import Prospect


def can_undo(received: HistoryImport, *, now: datetime) -> bool:
    ended = received.finished_at
    if received.status not in (Status.DONE, Status.REFUSED) or ended is None or now >= ended + JOURNAL_RETENTION:
        return False
    return brought(received).exists() or received.customers.exists()


def start_undo(*, received: HistoryImport, now: datetime) -> None:
    """Raises NotToUndo; of two clicks one counts. The caller starts the task."""
    mine = HistoryImport.objects.filter(pk=received.pk, status=received.status)
    if not can_undo(received, now=now) or not mine.update(status=Status.UNDOING, progress=0, beat_at=now, problem=""):
        raise NotToUndo(
            _("Cet import ne peut plus être annulé : il n’a rien écrit, l’est déjà, ou date de plus de 30 jours.")
        )


def undo_history(*, import_id: int, now: datetime) -> None:
    """Delete the past orders that the import brought, and the accounts that it opened and nobody used or changed since.
    Interrupted, it is run again and completes."""
    received = HistoryImport.objects.filter(pk=import_id, status=Status.UNDOING).first()
    if received is None:
        return
    with outcome(received, Status.DONE):
        undone = left = 0
        while count := _delete_orders(received):
            undone += count
            beat(received, undone)
        last = 0
        while pks := list(received.customers.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
            deleted = _delete_accounts(pks)
            undone, left, last = undone + deleted, left + len(pks) - deleted, pks[-1]
            beat(received, undone)
        report = {**received.report, "undone": received.report.get("created", undone) - left, "left": left}
        HistoryImport.objects.filter(pk=received.pk, status=Status.UNDOING).update(status=Status.UNDONE, report=report)


@retry_on_deadlock
def _delete_orders(received: HistoryImport) -> int:
    """A batch of those that it brought. Who was erased stays, without a name: the file must not bring them back."""
    with transaction.atomic():
        pks = list(brought(received).order_by("pk").values_list("pk", flat=True)[:BATCH])
        return PastOrder.objects.filter(pk__in=pks).delete()[0] if pks else 0


@retry_on_deadlock
def _delete_accounts(pks: Sequence[int]) -> int:
    """Those of these that nobody has used or changed; locks them in pk order."""
    with transaction.atomic():
        rows = {row.user_id: row for row in ImportedCustomer.objects.filter(pk__in=pks)}
        users = User.objects.filter(pk__in=rows).order_by("pk").select_for_update()
        used = set(Order.objects.filter(user__in=rows).values_list("user", flat=True))
        used |= set(Prospect.objects.filter(customer__in=rows).values_list("customer", flat=True))
        proved = set(EmailAddress.objects.filter(user__in=rows, verified=True).values_list("user", flat=True))
        gone = [
            user.pk
            for user in users
            if user.last_login is None
            and not user.is_staff
            and user.erased_at is None
            and user.pk not in used | proved
            and rows[user.pk].state_hash == state_hash(user.email, user.first_name, user.last_name, user.phone)
        ]
        User.objects.filter(pk__in=gone).delete()
        return len(gone)

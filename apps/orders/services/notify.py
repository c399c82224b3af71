from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.orders.models import Order, OrderNotification
from apps.orders.notifications import STALE, in_doubt, send_notification

Status = OrderNotification.Status


class NothingToSettle(DomainError):
    code = "nothing_to_settle"


def owe_notification(*, order: Order, kind: OrderNotification.Kind, now: datetime, occasion: str = "") -> None:
    """Write the message owed with the change it tells of; it is sent after commit.

    The database is the outbox: a broker that is away loses nothing, the sweep sends what is still owed. Nobody is told
    of an order whose customer was erased.
    """
    if order.anonymised_at is not None:
        return
    owed = OrderNotification.objects.create(order=order, kind=kind, occasion=occasion, created_at=now)
    transaction.on_commit(partial(send_notification.delay, notification_id=owed.pk), robust=True)


@transaction.atomic
def send_again(*, notification: OrderNotification, now: datetime) -> None:
    """A person found that it did not leave. Raises NothingToSettle when it is on its way, or sent."""
    again = Q(status=Status.FAILED) | Q(status=Status.HANDED, claimed_at__lte=now - STALE)
    owed = OrderNotification.objects.filter(again, pk=notification.pk)
    if not owed.update(status=Status.OWED, attempts=0):
        raise NothingToSettle(
            _("Le message « %(kind)s » de la commande %(number)s est parti ou va partir : il n’y a rien à renvoyer.")
            % {"kind": notification.get_kind_display(), "number": notification.order.number}
        )
    transaction.on_commit(partial(send_notification.delay, notification_id=notification.pk), robust=True)


def settle_as_sent(*, notification: OrderNotification, now: datetime) -> None:
    """A person found it at the mail server. Raises NothingToSettle when there is no doubt about it."""
    if not in_doubt(now=now).filter(pk=notification.pk).update(status=Status.SENT, sent_at=F("claimed_at")):
        raise NothingToSettle(
            _("Il n’y a pas de doute sur le message « %(kind)s » de la commande %(number)s.")
            % {"kind": notification.get_kind_display(), "number": notification.order.number}
        )

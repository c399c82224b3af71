"""Where an order stands, as a shopper is told: the steps behind it, the one it is at and those to come."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from apps.delivery.models import DeliveryMethod
from apps.orders.models import Order

Status = Order.Status
ENDED = frozenset({Status.CANCELLED, Status.EXPIRED})


@dataclass(frozen=True)
class Step:
    label: str
    at: datetime | None
    is_current: bool


def steps(order: Order) -> list[Step]:
    """Needs `events` prefetched. An order that ended early shows only what happened."""
    reached = {event.to_status: event.created_at for event in order.events.all() if event.to_status}
    reached.setdefault(Status.AWAITING_PAYMENT, order.placed_at)
    path = [status for status in _path(order) if order.status not in ENDED or status in reached]
    if order.status in ENDED:
        path.append(Status(order.status))
    labels = _labels()
    return [Step(labels[status], reached.get(status), status == order.status) for status in path]


def what_happens_next(order: Order) -> str:
    return {
        Status.AWAITING_PAYMENT: _(
            "Vos produits sont réservés. Nous préparons votre commande dès que le paiement arrive."
        ),
        Status.CONFIRMED: _("Nous préparons votre commande. Vous recevrez un e-mail dès qu’elle avance."),
        Status.PREPARING: _("Votre commande est en préparation. Vous recevrez un e-mail dès qu’elle avance."),
        Status.READY: _("Votre commande vous attend en boutique. Munissez-vous de son numéro."),
        Status.SHIPPED: _("Votre commande est en route."),
        Status.DELIVERED: _(
            "Votre commande vous a été remise. Vous avez quatorze jours pour changer d’avis : c’est le délai de "
            "rétractation."
        ),
        Status.CANCELLED: _(
            "Votre commande est annulée. Ce que vous avez payé vous est remboursé sous quatorze jours."
        ),
        Status.EXPIRED: _(
            "Le paiement n’est pas arrivé à temps : les produits ont été remis en vente et rien ne vous est demandé."
        ),
    }[Status(order.status)]


def _path(order: Order) -> list[Status]:
    collected = order.delivery_kind == DeliveryMethod.Kind.IN_STORE
    handed_over = Status.READY if collected else Status.SHIPPED
    return [Status.AWAITING_PAYMENT, Status.CONFIRMED, Status.PREPARING, handed_over, Status.DELIVERED]


def _labels() -> dict[Status, str]:
    return {
        Status.AWAITING_PAYMENT: _("Commande reçue"),
        Status.CONFIRMED: _("Commande confirmée"),
        Status.PREPARING: _("En préparation"),
        Status.READY: _("Prête à retirer"),
        Status.SHIPPED: _("Expédiée"),
        Status.DELIVERED: _("Remise"),
        Status.CANCELLED: _("Annulée"),
        Status.EXPIRED: _("Expirée"),
    }

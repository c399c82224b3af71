"""An order's progress for its pages: the steps behind it, the present one and those to come, with the sentences."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.orders.models import Order
from apps.payments.gateways.base import Gateway
from apps.payments.money import Money
from apps.payments.services.attempt import payable

Status = Order.Status
ENDED = frozenset({Status.CANCELLED, Status.EXPIRED})


@dataclass(frozen=True)
class Step:
    label: str
    at: datetime | None
    is_current: bool


def steps(order: Order) -> list[Step]:
    """Needs `events` prefetched. Of a cancelled or expired order only the steps that it reached."""
    reached = {event.to_status: event.created_at for event in order.events.all() if event.to_status}
    reached.setdefault(Status.AWAITING_PAYMENT, order.placed_at)
    path = [status for status in _path(order) if order.status not in ENDED or status in reached]
    if order.status in ENDED:
        path.append(Status(order.status))
    labels = _labels()
    return [Step(labels[status], reached.get(status), status == order.status) for status in path]


@dataclass(frozen=True)
class Standing:
    """What the pages of an order say, from its status and the state of its money.

    `pay_now`: it can be paid online now. `awaits_transfer`: the shop waits for money that a bank sends, for which there
    are instructions; `dates_move`: days of delivery are counted from the arrival of the money.
    """

    title: str
    thanks: bool
    next: list[str]
    pay_now: bool
    awaits_transfer: bool
    dates_move: bool
    pay_on_collection: bool


def standing(order: Order, *, money: Money, gateway: Gateway | None, now: datetime) -> Standing:
    online = gateway is not None and gateway.is_remote
    waiting = payable(order, now)
    title, thanks = _title(order, money, waiting=waiting, online=online)
    return Standing(
        title=title,
        thanks=thanks,
        next=_what_happens_next(order, money, waiting=waiting),
        pay_now=online and waiting and not money.processing,
        awaits_transfer=not online and waiting,
        dates_move=order.status == Status.AWAITING_PAYMENT
        and (money.processing or (gateway is not None and gateway.awaits_transfer)),
        pay_on_collection=gateway is not None and gateway.pays_later and order.paid_at is None and not order.closed_at,
    )


def _title(order: Order, money: Money, *, waiting: bool, online: bool) -> tuple[str, bool]:
    """The heading of the page after ordering, and whether it thanks for an order that stands."""
    if order.status == Status.AWAITING_PAYMENT:
        if not waiting:
            return _("Le délai de paiement est passé"), False
        waits = online and not money.processing
        return (_("Votre commande attend son paiement"), False) if waits else (_("Merci pour votre commande"), True)
    if order.status == Status.CANCELLED:
        return _("Votre commande est annulée"), False
    if order.status == Status.EXPIRED:
        return _("Votre commande a expiré"), False
    if money.all_returned:
        return _("Votre commande est remboursée"), False
    return _("Merci pour votre commande"), True


def _what_happens_next(order: Order, money: Money, *, waiting: bool) -> list[str]:
    sentence = {
        Status.AWAITING_PAYMENT: _(
            "Vos produits sont réservés. Nous préparons votre commande dès que le paiement arrive."
        )
        if waiting
        else _("La réservation de vos produits prend fin."),
        Status.CONFIRMED: _("Nous préparons votre commande. Vous recevrez un e-mail dès qu’elle avance."),
        Status.PREPARING: _("Votre commande est en préparation. Vous recevrez un e-mail dès qu’elle avance."),
        Status.READY: _("Votre commande vous attend en boutique. Munissez-vous de son numéro."),
        Status.SHIPPED: _("Votre commande est en route."),
        Status.DELIVERED: _(
            "Votre commande vous a été remise. Vous avez quatorze jours pour changer d’avis : c’est le délai de "
            "rétractation."
        ),
        Status.CANCELLED: _("Votre commande est annulée : elle ne sera pas préparée."),
        Status.EXPIRED: _("Le paiement n’est pas arrivé à temps : les produits ont été remis en vente."),
    }[Status(order.status)]
    if order.status in ENDED or (order.status == Status.AWAITING_PAYMENT and not waiting):
        return [sentence, *money.news_of_the_end(may_stand=order.may_still_stand)]
    if money.processing and waiting:
        return [_at_the_bank(order), _("Nous préparons votre commande dès que le paiement arrive.")]
    if money.authorised and order.is_certain:
        return [sentence, _("Votre carte est débitée quand votre commande part, pas avant.")]
    return [sentence, *money.news_of_refunds]


def _at_the_bank(order: Order) -> str:
    """What is true of a debit: it takes days, it may fail, and the goods wait for it."""
    until = date_format(timezone.localtime(order.hold_expires_at), "DATE_FORMAT")
    return _(
        "Votre banque exécute le paiement, ce qui prend plusieurs jours ouvrés. Vos produits restent réservés pour "
        "vous jusqu’au %(until)s au plus tard ; un e-mail vous dit dès qu’il est arrivé, ou s’il est refusé."
    ) % {"until": until}


def _path(order: Order) -> list[Status]:
    handed_over = Status.READY if order.destination.is_collected else Status.SHIPPED
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

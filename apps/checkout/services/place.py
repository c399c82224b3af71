"""Placing an order: once per basket, at the price the shopper saw, with its stock held, or not at all."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from apps.accounts.models import PostalAddress, User
from apps.basket.models import Basket, CheckoutDetails
from apps.catalogue.services.stock import OutOfStock
from apps.checkout.services.summary import Summary, summarise
from apps.common.errors import DomainError
from apps.common.transactions import retry_on_deadlock
from apps.delivery.models import PickupPoint
from apps.orders import services as orders
from apps.orders.models import Order
from apps.payments import gateways
from apps.payments import services as payments
from apps.payments.gateways.base import Gateway
from apps.payments.models import Payment
from apps.payments.services.attempt import payable


class DetailsMissing(DomainError):
    """`details["missing"]`: field → sentence."""

    code = "details_missing"


class PricesChanged(DomainError):
    code = "prices_changed"


class BasketClosed(DomainError):
    code = "basket_closed"


class NextStep(StrEnum):
    PAY = "pay"
    DONE = "done"


@dataclass(frozen=True)
class PlacedOrder:
    """Next step PAY: the shopper pays online now. DONE: nothing to do in the shop (a bank transfer may be due)."""

    order: Order
    payment: Payment | None

    @property
    def next_step(self) -> NextStep:
        gateway = gateways.get(self.payment.gateway) if self.payment else None
        waiting = self.order.status == Order.Status.AWAITING_PAYMENT
        return NextStep.PAY if waiting and gateway and gateway.is_remote else NextStep.DONE


@retry_on_deadlock
def place_order(
    *, basket: Basket, fingerprint: str, terms_version: str, language: str, user: User | None, now: datetime
) -> PlacedOrder:
    """Place the order of an open basket. A repeat for an ordered basket returns its order, whatever else was sent.

    `fingerprint`: of the Summary that the shopper saw. Raises, with nothing written: BasketClosed, DetailsMissing,
    OutOfStock, PricesChanged. Locks the basket first and stock last.
    """
    with transaction.atomic(durable=True):
        # Compare-and-set, rolled back by a refusal below; it locks the row, so that a concurrent repeat waits here.
        won = Basket.objects.open().filter(pk=basket.pk).update(status=Basket.Status.ORDERED, updated_at=now)
        if not won:
            return _already_placed(basket)
        with override(language):
            summary = summarise(basket=basket, now=now, pictures=False)
        gateway = _agreed(summary, fingerprint)
        with override(language):
            draft = _draft(summary, gateway, terms_version=terms_version, language=language, user=user, now=now)
        order = orders.write_order(draft=draft, now=now)
        payment = payments.create_payment(order=order, gateway=gateway, now=now)
        orders.take_stock(order=order, draft=draft, now=now)
    return PlacedOrder(order, payment)


def retry_payment(*, order: Order, now: datetime, payment_method: str = "") -> PlacedOrder:
    """Pay again after a refusal, or by other means. An open attempt by the same means is returned.

    An open attempt by other means is given up at its gateway first; if it was captured all the same, the order is paid
    and no new attempt is made. Raises OrderNotPayable, MeansNotOffered. When the first gateway does not answer, its
    attempt stays and is returned.
    """
    order = Order.objects.get(pk=order.pk)
    wanted = payment_method or order.payment_method
    gateway = gateways.get(wanted)
    if not payable(order, now):
        raise payments.OrderNotPayable(_("Cette commande n’attend plus de paiement."))
    if gateway is None or not gateway.offered_for(order.delivery_kind):
        raise payments.MeansNotOffered(
            _("Ce moyen de paiement n’est pas proposé pour cette commande. Choisissez-en un autre.")
        )
    attempt = order.payments.open().first()
    if attempt is not None and attempt.gateway != gateway.code:
        payments.close_attempts(order=order, now=now)
    return _try_again(order=order, gateway=gateway, now=now)


@retry_on_deadlock
def _try_again(*, order: Order, gateway: Gateway, now: datetime) -> PlacedOrder:
    with transaction.atomic(durable=True):
        order = orders.lock_order(order)
        attempt = order.payments.open().first()
        if attempt is not None or not payable(order, now):
            return PlacedOrder(order, attempt or order.payments.first())
        if order.payment_method != gateway.code:
            orders.change_payment(order=order, payment_method=gateway.code, hold=gateway.hold, now=now)
        return PlacedOrder(order, payments.create_payment(order=order, gateway=gateway, now=now))


def _already_placed(basket: Basket) -> PlacedOrder:
    order = Order.objects.filter(basket_key=basket.key).first()
    if order is None:
        raise BasketClosed(_("Ce panier n’est plus en cours. Retrouvez le vôtre sur la page « Panier »."))
    return PlacedOrder(order, order.payments.first())


def _agreed(summary: Summary, fingerprint: str) -> Gateway:
    """The gateway, if the summary is complete and the one that the shopper saw; raises what `place_order` raises.

    Shortages are reported first, because they explain most differences.
    """
    if summary.loaded.is_empty:
        raise BasketClosed(_("Votre panier est vide."))
    if summary.loaded.shortages:
        raise OutOfStock(summary.loaded.shortages)
    if summary.missing or summary.payment is None:
        raise DetailsMissing(" ".join(summary.missing.values()), missing=summary.missing)
    if summary.fingerprint != fingerprint:
        raise PricesChanged(
            _("Votre commande a changé depuis que vous l’avez relue. Vérifiez le nouveau récapitulatif, puis validez."),
            total=summary.total,
        )
    return summary.payment


def _draft(
    summary: Summary, gateway: Gateway, *, terms_version: str, language: str, user: User | None, now: datetime
) -> orders.OrderDraft:
    details, delivery = summary.details, summary.delivery
    if details is None or delivery is None:
        raise DetailsMissing(_("Choisissez un mode de livraison."), missing=summary.missing)
    return orders.OrderDraft(
        basket_key=summary.loaded.basket.key,
        user=user if user is not None and user.is_authenticated else None,
        language=language,
        email=details.email,
        phone=details.phone,
        address=_recipient_fields(details, to_home=delivery.method.destination.needs_address),
        lines=[
            orders.DraftLine(
                variant_id=line.variant.pk,
                sku=line.sku,
                ean13=line.variant.ean13 or "",
                product_name=line.name,
                variant_label=line.label,
                quantity=line.quantity,
                unit_price=line.unit_price,
                reference_price=line.variant.reference_price,
                vat_rate=line.vat_rate,
                withdrawal_exception=line.withdrawal_exception,
            )
            for line in summary.lines
        ],
        delivery_method=delivery.method.code,
        delivery_kind=delivery.method.kind,
        delivery_name=delivery.method.name,
        delivery_price=delivery.price,
        pickup_point=_pickup_address(summary.pickup_point) if summary.pickup_point else "",
        delivery_from_date=delivery.earliest_date,
        delivery_to_date=delivery.latest_date,
        payment_method=gateway.code,
        terms_version=terms_version,
        hold_expires_at=now + gateway.hold if gateway.hold else None,
        collection_hours=summary.pickup_point.hours if summary.pickup_point else "",
    )


def _recipient_fields(details: CheckoutDetails, *, to_home: bool) -> dict[str, str]:
    """The order's postal address; only the name when it is not delivered there (data minimisation, GDPR art. 5.1.c)."""
    address = {field.name: getattr(details, field.name) for field in PostalAddress._meta.get_fields()}
    return address if to_home else address | dict.fromkeys(("line1", "line2", "postcode", "city"), "")


def _pickup_address(point: PickupPoint) -> str:
    return f"{point.name}, {point.line1}, {point.postcode} {point.city}"[:250]

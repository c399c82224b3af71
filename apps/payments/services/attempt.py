"""One attempt to pay an order, from intent to captured money."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.common.errors import DomainError
from apps.common.insert import insert
from apps.orders.models import Order
from apps.payments import gateways
from apps.payments.gateways.base import Gateway, GatewayError, Outcome, PaymentRequest, State
from apps.payments.models import Payment
from apps.payments.services.record import record
from apps.payments.services.refund import carry_out_refunds

logger = structlog.get_logger(__name__)

# The shopper has still to act, on the gateway's own page.
TO_BE_DONE = (Payment.Status.PENDING, Payment.Status.CHALLENGED)


class OrderNotPayable(DomainError):
    code = "order_not_payable"


class MeansNotOffered(OrderNotPayable):
    """The order can be paid, but not like this."""

    code = "means_not_offered"


class CaptureRefused(DomainError):
    """An order that was to be charged at dispatch has no money: it does not leave."""

    code = "capture_refused"


class PaymentUnavailable(DomainError):
    """The bank does not answer: whether money moved is unknown."""

    code = "payment_unavailable"


@dataclass(frozen=True)
class Progress:
    """Where a payment stands; with `redirect_url` the shopper goes there (hosted page, 3-D Secure), with `challenge`
    the payment page's script has something to do."""

    payment: Payment
    redirect_url: str = ""
    challenge: str = field(default="", repr=False)


def create_payment(*, order: Order, gateway: Gateway, now: datetime) -> Payment:
    """Write the intent, inside the caller's transaction. A second open attempt for an order violates a constraint."""
    payment = Payment(
        order=order,
        gateway=gateway.code,
        key=secrets.token_hex(16),
        amount=order.total,
        created_at=now,
        asked_at=now,
    )
    insert(payment)
    return payment


def start_payment(*, payment: Payment, return_url: str, now: datetime, instrument: str = "") -> Progress:
    """Ask the gateway for the money. A repeat, even with another card, gets the first request's result.

    Raises OrderNotPayable once the order no longer waits for money, PaymentUnavailable when the gateway does not
    answer: the attempt then stays open until `reconcile_payments` knows more.
    """
    payment.refresh_from_db()
    if payment.status != Payment.Status.PENDING:
        return refresh_payment(payment=payment, now=now) if payment.is_open else Progress(payment)
    order = payment.order
    if not payable(order, now):
        raise OrderNotPayable(
            _("Cette commande n’attend plus de paiement : sa réservation a pris fin ou elle est déjà réglée."),
            status=order.status,
        )
    asked = Payment.objects.filter(pk=payment.pk, status=Payment.Status.PENDING)
    if not asked.update(started_at=Coalesce("started_at", now)):
        # Somebody gave it up, or had its answer, since it was read.
        payment.refresh_from_db()
        return refresh_payment(payment=payment, now=now) if payment.is_open else Progress(payment)
    request = PaymentRequest(
        key=payment.key,
        amount=payment.amount,
        order_number=order.number,
        language=order.language,
        return_url=return_url,
        instrument=instrument,
        email=order.email,
    )
    with _listening(payment):
        return _follow(payment, _gateway(payment).authorise(request), now)


def refresh_payment(*, payment: Payment, now: datetime, reference: str = "") -> Progress:
    """Ask the gateway what became of a payment and record it. Raises PaymentUnavailable; safe to repeat.

    `reference`: the provider's, where a message of its own has it before its answer was recorded.
    """
    with _listening(payment):
        outcome = _gateway(payment).look_up(
            key=payment.key, reference=payment.reference or reference, since=payment.started_at
        )
        return _follow(payment, outcome, now)


def receive_payment(*, order: Order, by: User | None, now: datetime) -> Payment:
    """Staff say that the money of a transfer, or at the counter, has come. A repeat returns the same payment.

    Money for an order that ended in between is refunded: the refund is requested at once.
    """
    by_hand = [code for code, gateway in gateways.registered().items() if not gateway.is_remote]
    payment = order.payments.filter(gateway__in=by_hand).order_by("-pk").first()
    if payment is None:
        raise OrderNotPayable(_("Cette commande se paie en ligne : rien n’est à encaisser à la main."))
    return record(payment=payment, outcome=Outcome(State.CAPTURED), now=now, by=by)


def close_attempts(*, order: Order, now: datetime) -> None:
    """Give up whatever may still bring money for an order that ended. Money that came all the same is sent back.

    A silent gateway is asked again by the sweep.
    """
    with suppress(PaymentUnavailable):
        give_up_attempts(order=order, now=now)
    carry_out_refunds(order=order, now=now)


def give_up_attempts(*, order: Order, now: datetime) -> None:
    """Make sure that no open attempt of an order brings money any more; money that came before it pays the order.

    Raises PaymentUnavailable when a gateway does not answer: nothing is known then, and that attempt stays open. One
    that no gateway was asked for is given up without asking: `start_payment` finds it closed.
    """
    for payment in order.payments.open():
        unknown = Payment.objects.filter(pk=payment.pk, status=Payment.Status.PENDING, started_at=None)
        if unknown.update(status=Payment.Status.CANCELLED, updated_at=now):
            continue
        with _listening(payment):
            _follow(payment, _cancel(payment), now)


def capture_payment(*, payment: Payment, now: datetime) -> Payment:
    """Take authorised money. Raises CaptureRefused when the bank does not give it any more, PaymentUnavailable."""
    with _listening(payment):
        answer = _gateway(payment).capture(key=payment.key, reference=payment.reference or "", amount=payment.amount)
        payment = record(payment=payment, outcome=answer, now=now)
    if payment.status != Payment.Status.CAPTURED:
        raise CaptureRefused(
            _("La banque ne donne plus la somme autorisée : la commande n’est pas payée et ne part pas.")
        )
    carry_out_refunds(order=payment.order, now=now)
    return payment


def capture_before_dispatch(*, order: Order, now: datetime) -> None:
    """Take what the card of a confirmed order has authorised. Raises CaptureRefused for an order without its money,
    unless it is paid when handed over; PaymentUnavailable."""
    for payment in order.payments.filter(status=Payment.Status.AUTHORISED).select_related("order"):
        capture_payment(payment=payment, now=now)
    order = Order.objects.get(pk=order.pk)
    gateway = gateways.get(order.payment_method)
    pays_later = gateway is not None and gateway.pays_later
    if order.is_certain and order.paid_at is None and not pays_later:
        raise CaptureRefused(_("Cette commande n’est pas payée : l’autorisation de la carte a pris fin."))


def payable(order: Order, now: datetime) -> bool:
    return (
        order.status == Order.Status.AWAITING_PAYMENT
        and order.hold_expires_at is not None
        and now < order.hold_expires_at
    )


def _follow(payment: Payment, outcome: Outcome, now: datetime) -> Progress:
    """Record what was said; take authorised money if the order still wants it, else let it go."""
    payment = record(payment=payment, outcome=outcome, now=now)
    if outcome.state == State.AUTHORISED and payment.status in (Payment.Status.CANCELLED, Payment.Status.DECLINED):
        # Given up while it was asked for: the money is let go at the bank too.
        answer = _gateway(payment).cancel(key=payment.key, reference=outcome.reference, since=payment.started_at)
        payment = record(payment=payment, outcome=answer, now=now)
    if payment.status == Payment.Status.AUTHORISED and not _charged_at_dispatch(payment):
        if payment.order.status == Order.Status.AWAITING_PAYMENT:
            answer = _gateway(payment).capture(
                key=payment.key, reference=payment.reference or "", amount=payment.amount
            )
        else:
            answer = _cancel(payment)
        payment = record(payment=payment, outcome=answer, now=now)
    carry_out_refunds(order=payment.order, now=now)
    if payment.status not in TO_BE_DONE:
        return Progress(payment)
    return Progress(payment, outcome.redirect_url, outcome.challenge)


def _charged_at_dispatch(payment: Payment) -> bool:
    """Whether it is the authorisation that the order was confirmed on."""
    order = payment.order
    return order.is_certain and order.paid_at is None and order.payment_method == payment.gateway


def _cancel(payment: Payment) -> Outcome:
    return _gateway(payment).cancel(key=payment.key, reference=payment.reference or "", since=payment.started_at)


@contextmanager
def _listening(payment: Payment) -> Iterator[None]:
    try:
        yield
    except GatewayError as error:
        logger.warning("gateway_silent", payment_id=payment.pk)
        raise PaymentUnavailable(
            _("La banque ne répond pas : nous ne savons pas encore si le paiement a abouti."), payment_id=payment.pk
        ) from error


def _gateway(payment: Payment) -> Gateway:
    gateway = gateways.get(payment.gateway)
    if gateway is None:
        raise GatewayError(payment.gateway)
    return gateway

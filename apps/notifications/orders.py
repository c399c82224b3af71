"""E-mails about an order, in the outbox row's language (the order's)."""

from datetime import datetime
from decimal import Decimal

from django.core.mail import EmailMultiAlternatives
from django.db.models import prefetch_related_objects
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.aftersales.period import is_open
from apps.common import mail
from apps.common.models import OutboxEmail
from apps.common.outbox import composes
from apps.invoicing.moment import moment_of
from apps.notifications.links import link
from apps.orders.emails import MODIFIED, OrderEmail, emails_about
from apps.orders.models import Order
from apps.payments import gateways
from apps.payments.gateways.base import Gateway, Instruction
from apps.payments.money import money_of


def compose(email: OutboxEmail) -> EmailMultiAlternatives | None:
    """Any kind but LINK; None when the customer was erased meanwhile. Queries: the order, its payments, its lines, and
    what the kind needs."""
    order = Order.objects.get(pk=email.object_id)
    if not order.email:
        return None
    gateway, money = gateways.get(order.payment_method), money_of(order)
    has_ended = order.status in (order.Status.CANCELLED, order.Status.EXPIRED)
    prefetch_related_objects([order], "lines")
    with translation.override(email.language):
        refunded, means = _refunded(email, order)
        news = money.news_of_the_end(may_stand=order.may_still_stand) if has_ended else money.news_of_refunds
        return mail.compose(
            template=f"notifications/email/orders/{email.kind.removeprefix('order_')}",
            context={
                "order": order,
                "lines": list(order.lines.all()),
                "contract": _carries_contract(email, order),
                "refunded": refunded,
                # By card or transfer; how the counter paid a refund is not recorded.
                "refund_travels": bool(means) and not _pays_later(gateways.get(means)),
                "pay_url": "" if money.processing else _pay_url(order, gateway, now=timezone.now()),
                "awaits_transfer": money.processing or (gateway is not None and gateway.awaits_transfer),
                "processing": money.processing,
                "instructions": _instructions(order, gateway),
                "pays_later": _pays_later(gateway),
                # The present status: a message may be sent late.
                "has_ended": has_ended,
                "money_news": news,
                "is_prepared": order.status in (order.Status.CONFIRMED, order.Status.PREPARING),
                "modified": email.occasion == MODIFIED,
                "order_url": link("storefront:order", order.access_token),
                "terms_url": link("storefront:terms_version", order.terms_version),
                "returns_url": link("storefront:delivery_and_returns"),
                "withdraw_url": _withdraw_url(order),
                "invoice_url": _invoice_url(order),
            },
            to=order.email,
            language=email.language,
            key=email.key,
        )


def compose_link(email: OutboxEmail) -> EmailMultiAlternatives | None:
    order = Order.objects.get(pk=email.object_id)
    if not order.email:
        return None
    with translation.override(email.language):
        context = {
            "order": order,
            "order_url": link("storefront:order", order.access_token),
            "withdraw_url": _withdraw_url(order),
        }
        return mail.compose_text(
            subject=_("Votre commande %(number)s : le lien pour la suivre") % {"number": order.number},
            text=render_to_string("notifications/email/orders/link.txt", context),
            to=order.email,
            language=email.language,
            key=email.key,
        )


for kind in OrderEmail:
    composes(kind, label=kind.label)(compose_link if kind == OrderEmail.LINK else compose)


def _carries_contract(email: OutboxEmail, order: Order) -> bool:
    """Whether this is the first message after the order: it confirms the contract on a durable medium (art. L221-13
    code de la consommation)."""
    if email.kind == OrderEmail.CONFIRMED:
        placed = emails_about(order).filter(kind=OrderEmail.PLACED)
        # `notifications`: rows of the release before the outbox that are not moved yet.
        return not (placed.exists() or order.notifications.filter(kind="PLACED").exists())
    return bool(email.kind == OrderEmail.PLACED)


def _refunded(email: OutboxEmail, order: Order) -> tuple[Decimal | None, str]:
    """Amount of the refund that the message is about (its key begins with the occasion), and its payment's gateway."""
    if email.kind != OrderEmail.REFUNDED:
        return None, ""
    refunds = order.payments.filter(refunds__key__startswith=email.occasion)
    return refunds.values_list("refunds__amount", "gateway").first() or (None, "")


def _instructions(order: Order, gateway: Gateway | None) -> list[Instruction]:
    """What somebody has to do to pay an order that waits for its money."""
    if gateway is None or order.status != Order.Status.AWAITING_PAYMENT:
        return []
    return gateway.instructions(order_number=order.number, amount=order.total)


def _withdraw_url(order: Order) -> str:
    """« Renoncer au contrat ici », while the period is open; else empty."""
    return link("storefront:withdraw", order.access_token) if is_open(order, timezone.now()) else ""


def _invoice_url(order: Order) -> str:
    """Where the invoice is, or will be in a minute; empty while none is due."""
    return link("storefront:invoice", order.access_token) if moment_of(order) else ""


def _pays_later(gateway: Gateway | None) -> bool:
    return gateway is not None and gateway.pays_later


def _pay_url(order: Order, gateway: Gateway | None, *, now: datetime) -> str:
    """URL of the payment page of an order that awaits an online payment; else empty."""
    held = order.hold_expires_at is not None and now < order.hold_expires_at
    online = gateway is not None and gateway.is_remote
    if order.status != Order.Status.AWAITING_PAYMENT or not held or not online:
        return ""
    return link("storefront:payment", order.access_token)

"""E-mails about an order: owed in the transaction that changed it, sent once after commit.

A row goes OWED → SENDING → HANDED → SENT, each step a compare-and-set, so two workers never send one message. A worker
that dies leaves SENDING behind: the mail server has nothing, and the sweep takes it over after `STALE`. A mail server
that refuses puts it back to OWED, to be tried again after the next pause of `PAUSES`.

HANDED is written just before the message's last line leaves. Who dies between that and the server's answer, or never
gets one, leaves a doubt that no protocol resolves (RFC 1047). Such a message is not sent again by itself: people are
told, look for its Message-ID at the mail server, and say « envoyé » or send it again.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

import structlog
from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db.models import F, Q, QuerySet, prefetch_related_objects
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.common import mail
from apps.common.smtp import AnswerUnknown
from apps.common.tasks import post
from apps.orders.models import Order, OrderNotification

logger = structlog.get_logger(__name__)

Kind = OrderNotification.Kind
Status = OrderNotification.Status

# Longer than a sending can take (`time_limit` of the task), so that a live worker is never overtaken.
STALE = timedelta(minutes=10)
# A task enqueued at commit comes first; the sweep is for those whose task was lost.
GRACE = timedelta(minutes=2)
# After the n-th refusal; then the message is FAILED and a person has to look.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440)]
SWEEP_LIMIT = 200
# Paid between people: an e-mail says how, or that it is paid when handed over.
BY_HAND = {"bank_transfer", "on_collection"}


class Overtaken(SMTPException):
    """Another worker took the message for abandoned and claimed it: this one must not end it."""


@shared_task(name="orders.send_notification", time_limit=120)
def send_notification(notification_id: int, **_unknown: Any) -> None:
    deliver(notification_id=notification_id, now=timezone.now())


@shared_task(name="orders.send_owed_notifications")
def send_owed_notifications(**_unknown: Any) -> None:
    """Every minute: whatever was not sent by its own task."""
    for notification_id in due(now=timezone.now()):
        send_notification.delay(notification_id=notification_id)


def due(*, now: datetime) -> list[int]:
    """Ids of messages whose task got lost, whose worker died, or whose pause after a refusal is over; oldest first."""
    waiting = Q(attempts=0, created_at__lte=now - GRACE)
    for attempts, pause in enumerate(PAUSES, start=1):
        waiting |= Q(attempts=attempts, claimed_at__lte=now - pause)
    dead = Q(status=Status.SENDING, claimed_at__lte=now - STALE)
    messages = OrderNotification.objects.filter((Q(status=Status.OWED) & waiting) | dead)
    return list(messages.order_by("created_at", "pk").values_list("pk", flat=True)[:SWEEP_LIMIT])


def in_doubt(*, now: datetime) -> QuerySet[OrderNotification]:
    """Messages that the mail server may have or not, and whose sender is gone."""
    return OrderNotification.objects.filter(status=Status.HANDED, claimed_at__lte=now - STALE)


def deliver(*, notification_id: int, now: datetime) -> bool:
    """Claim, compose and send one message; False when it is sent already or somebody else is at it."""
    claimable = Q(status=Status.OWED) | Q(status=Status.SENDING, claimed_at__lte=now - STALE)
    claimed = OrderNotification.objects.filter(claimable, pk=notification_id).update(
        status=Status.SENDING, claimed_at=now, attempts=F("attempts") + 1
    )
    if not claimed:
        return False
    notification = OrderNotification.objects.select_related("order").get(pk=notification_id)
    # Only the worker whose claim still stands writes the outcome.
    claim = OrderNotification.objects.filter(
        pk=notification_id, status__in=[Status.SENDING, Status.HANDED], claimed_at=now
    )

    def hand_over() -> None:
        if not claim.update(status=Status.HANDED):
            raise Overtaken

    if not notification.order.email:
        # The account was erased in the meantime: there is nobody to tell.
        claim.update(status=Status.FAILED)
        return False
    message = compose(notification)
    message.connection = get_connection(handing=hand_over)
    try:
        message.send()
    except (AnswerUnknown, Overtaken) as error:
        logger.warning("notification_in_doubt", notification_id=notification_id, error=type(error).__name__)
        return False
    except SMTPRecipientsRefused:
        claim.update(status=Status.FAILED)
        logger.warning("notification_refused", notification_id=notification_id)
        return False
    except (SMTPException, OSError) as error:
        final = notification.attempts > len(PAUSES)
        claim.update(status=Status.FAILED if final else Status.OWED)
        logger.warning("notification_failed", notification_id=notification_id, error=type(error).__name__, final=final)
        return False
    claim.update(status=Status.SENT, sent_at=timezone.now())
    logger.info("notification_sent", notification_id=notification_id)
    return True


def message_id(notification: OrderNotification) -> str:
    """What the mail server's own list of messages calls it."""
    return mail.message_id(_key(notification))


def _key(notification: OrderNotification) -> str:
    return f"order-notification-{notification.pk}"


def compose(notification: OrderNotification) -> EmailMultiAlternatives:
    """The message in the language the order was made in. Queries: the lines, and what the kind needs."""
    order, money = notification.order, notification.order.payments.money()
    has_ended = order.status in (order.Status.CANCELLED, order.Status.EXPIRED)
    prefetch_related_objects([order], "lines")
    with translation.override(order.language):
        refunded, means = _refunded(notification)
        news = money.news_of_the_end(may_stand=order.may_still_stand) if has_ended else money.news_of_refunds
        return mail.compose(
            template=f"orders/email/{notification.kind.lower()}",
            context={
                "order": order,
                "lines": list(order.lines.all()),
                "contract": _carries_contract(notification),
                "refunded": refunded,
                # Nobody knows how the till gave it back; an account is credited by card or transfer.
                "refund_travels": bool(means) and means != "on_collection",
                "pay_url": _pay_url(order, now=timezone.now()),
                # A message may be sent late: what it says must still be so.
                "has_ended": has_ended,
                "money_news": news,
                "is_prepared": order.status in (order.Status.CONFIRMED, order.Status.PREPARING),
                "modified": notification.occasion == OrderNotification.MODIFIED,
                "order_url": _url("storefront:order", order.access_token),
                "terms_url": _url("storefront:terms_version", order.terms_version),
                "returns_url": _url("storefront:delivery_and_returns"),
            },
            to=order.email,
            language=order.language,
            key=_key(notification),
        )


def send_link(*, order: Order, language: str, now: datetime) -> None:
    """Once more, in the reader's language, the address where the order is followed."""
    key = f"order-link-{order.pk}-{now:%Y-%m-%d-%H-%M}"
    with translation.override(language):
        number = {"number": order.number}
        post(
            mail.letter(
                subject=_("Votre commande %(number)s : le lien pour la suivre") % number,
                text=render_to_string(
                    "orders/email/link.txt",
                    {"order": order, "order_url": _url("storefront:order", order.access_token)},
                ),
                to=order.email,
                language=language,
                key=key,
            ),
            key=key,
        )


def _carries_contract(notification: OrderNotification) -> bool:
    """The first message after the order confirms the contract on a durable medium (art. L221-13 code de la
    consommation); later ones only tell the news."""
    if notification.kind == Kind.CONFIRMED:
        return not notification.order.notifications.filter(kind=Kind.PLACED).exists()
    return bool(notification.kind == Kind.PLACED)


def _refunded(notification: OrderNotification) -> tuple[Decimal | None, str]:
    """The amount of the refund this message tells of, whose key is the occasion, and by what it was paid."""
    if notification.kind != Kind.REFUNDED:
        return None, ""
    refunds = notification.order.payments.filter(refunds__key__startswith=notification.occasion)
    return refunds.values_list("refunds__amount", "gateway").first() or (None, "")


def _pay_url(order: Order, *, now: datetime) -> str:
    """Where an order that waits for its money is paid online; empty when there is nothing to pay there."""
    held = order.hold_expires_at is not None and now < order.hold_expires_at
    if order.status != Order.Status.AWAITING_PAYMENT or not held or order.payment_method in BY_HAND:
        return ""
    return _url("storefront:payment", order.access_token)


def _url(name: str, *args: str) -> str:
    return settings.SITE_URL + reverse(name, args=args)

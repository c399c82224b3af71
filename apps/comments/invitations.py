"""One e-mail, a week after an order has arrived, that asks what its buyer thinks; never again to who objects.

Writing to one's own customers about what they bought is allowed as long as they may refuse, each time and for nothing
(art. L34-5 code des postes et des communications électroniques; GDPR article 21).
"""

from datetime import datetime, timedelta
from typing import Any

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from apps.catalogue.models import Product
from apps.comments.emails import CommentEmail
from apps.comments.models import Comment, ReviewInvitation, ReviewObjection
from apps.comments.purchases import email_digest
from apps.comments.sections import section_of
from apps.common import outbox
from apps.common.translation import LANGUAGES
from apps.orders.models import Order

AFTER = timedelta(days=7)
# Older deliveries are no news any more: a shop that switches this on does not write to all its past customers.
UNTIL = timedelta(days=30)
LIMIT = 200


def due(*, now: datetime) -> list[int]:
    """Orders that arrived at least a week ago and whose buyers were not asked yet."""
    arrived = Order.objects.filter(
        status=Order.Status.DELIVERED, closed_at__lte=now - AFTER, closed_at__gt=now - UNTIL, anonymised_at=None
    ).exclude(email="")
    asked = ReviewInvitation.objects.filter(created_at__gt=now - UNTIL - AFTER).values("order")
    return list(arrived.exclude(pk__in=asked).order_by("closed_at", "pk").values_list("pk", flat=True)[:LIMIT])


def invite(*, order_id: int, now: datetime) -> bool:
    """Ask the buyer of one order, once; False when there is nothing to ask or nobody who wants to be asked."""
    with transaction.atomic(durable=True):
        _row, is_new = ReviewInvitation.objects.get_or_create(order_id=order_id, defaults={"created_at": now})
        if not is_new:
            return False
        order = Order.objects.get(pk=order_id)
        if not products_to_review(order):
            return False
        outbox.enqueue(
            kind=CommentEmail.INVITATION,
            key=f"review-invitation-{order.pk}",
            object_id=order.pk,
            language=order.language if order.language in LANGUAGES else LANGUAGES[0],
            now=now,
        )
    return True


def products_to_review(order: Order) -> list[Product]:
    """What its buyer has not rated; empty when nobody may be asked."""
    if not order.email or ReviewObjection.objects.filter(pk=email_digest(order.email)).exists():
        return []
    products = list(Product.objects.visible().filter(variants__in=order.lines.values("variant")).distinct())
    rated = Comment.objects.filter(
        section_id__in=[section_of(product.pk) for product in products], buyer_email=email_digest(order.email)
    )
    sections = set(rated.values_list("section_id", flat=True))
    return [product for product in products if section_of(product.pk) not in sections]


def object_to_invitations(*, email: str, now: datetime) -> None:
    """Never ask this address again. A repeat changes nothing."""
    ReviewObjection.objects.get_or_create(pk=email_digest(email), defaults={"created_at": now})


@shared_task(name="comments.invite_reviews")
def invite_reviews(**_unknown: Any) -> int:
    """Every day: ask who received something a week ago."""
    now = timezone.now()
    return sum(invite(order_id=order_id, now=now) for order_id in due(now=now))

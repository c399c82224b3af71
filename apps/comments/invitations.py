"""Review invitations: one e-mail to the buyer a week after delivery, and no more after an objection.

E-mail to existing customers about what they bought is allowed if each one offers a free way to refuse (art. L34-5 code
des postes et des communications électroniques; GDPR article 21).
"""

from datetime import datetime, timedelta
from typing import Any

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from apps.catalogue.models import Product
from apps.comments.emails import CommentEmail
from apps.comments.models import Comment, ReviewInvitation, ReviewObjection
from apps.comments.purchases import email_hash
from apps.comments.sections import section_of
from apps.common import outbox
from apps.common.translation import LANGUAGES
from apps.orders.models import Order

AFTER = timedelta(days=7)
# A shop that switches invitations on does not send them for deliveries older than this.
UNTIL = timedelta(days=30)
LIMIT = 200


def due(*, now: datetime) -> list[int]:
    """Ids of orders delivered at least a week ago whose buyers were not invited yet, at most LIMIT, oldest first."""
    arrived = Order.objects.filter(
        status=Order.Status.DELIVERED, closed_at__lte=now - AFTER, closed_at__gt=now - UNTIL, anonymised_at=None
    ).exclude(email="")
    invited = ReviewInvitation.objects.filter(created_at__gt=now - UNTIL - AFTER).values("order")
    return list(arrived.exclude(pk__in=invited).order_by("closed_at", "pk").values_list("pk", flat=True)[:LIMIT])


def invite(*, order_id: int, now: datetime) -> bool:
    """Enqueue the invitation of one order, once. False for a repeat, or when `products_to_review` is empty."""
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
    """The order's visible products that its buyer has not rated; empty when the buyer must not be invited."""
    if not order.email or ReviewObjection.objects.filter(pk=email_hash(order.email)).exists():
        return []
    products = list(Product.objects.visible().filter(variants__in=order.lines.values("variant")).distinct())
    rated = Comment.objects.filter(
        section_id__in=[section_of(product.pk) for product in products], buyer_email=email_hash(order.email)
    )
    sections = set(rated.values_list("section_id", flat=True))
    return [product for product in products if section_of(product.pk) not in sections]


def object_to_invitations(*, email: str, now: datetime) -> None:
    """Never invite this e-mail address again. A repeat changes nothing."""
    ReviewObjection.objects.get_or_create(pk=email_hash(email), defaults={"created_at": now})


@shared_task(name="comments.invite_reviews")
def invite_reviews(**_unknown: Any) -> int:
    """Every day: invite the buyers of orders that are `due`; returns how many."""
    now = timezone.now()
    return sum(invite(order_id=order_id, now=now) for order_id in due(now=now))

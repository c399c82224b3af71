"""One e-mail, a week after an order has arrived, that asks what its buyer thinks; never again to who objects.

Writing to one's own customers about what they bought is allowed as long as they may refuse, each time and for nothing
(art. L34-5 code des postes et des communications électroniques; GDPR article 21).
"""

from datetime import datetime, timedelta
from typing import Any

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.catalogue.models import Product
from apps.comments.models import Comment, ReviewInvitation, ReviewObjection
from apps.comments.purchases import email_digest
from apps.comments.sections import section_of
from apps.common import mail
from apps.common.tasks import post
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
    with transaction.atomic():
        _row, is_new = ReviewInvitation.objects.get_or_create(order_id=order_id, defaults={"created_at": now})
        if not is_new:
            return False
        order = Order.objects.get(pk=order_id)
        if not order.email or ReviewObjection.objects.filter(pk=email_digest(order.email)).exists():
            return False
        products = _unrated(order)
        if not products:
            return False
        _send(order, products)
    return True


def _unrated(order: Order) -> list[Product]:
    products = list(Product.objects.visible().filter(variants__in=order.lines.values("variant")).distinct())
    rated = Comment.objects.filter(
        section_id__in=[section_of(product.pk) for product in products], buyer_email=email_digest(order.email)
    )
    sections = set(rated.values_list("section_id", flat=True))
    return [product for product in products if section_of(product.pk) not in sections]


def _send(order: Order, products: list[Product]) -> None:
    language = order.language if order.language in LANGUAGES else LANGUAGES[0]
    with translation.override(language):
        links = []
        for product in products:
            name = getattr(product, f"name_{language}") or product.name_fr
            address = reverse("storefront:comments", args=[section_of(product.pk)])
            links.append(f"{name}\u202f:\n{settings.SITE_URL}{address}?commande={order.access_token}#ecrire")
        refusal = settings.SITE_URL + reverse("storefront:refuse_invitations", args=[order.access_token])
        text = "\n\n".join(
            [
                _("Bonjour,"),
                _("Votre commande %(number)s est arrivée depuis quelques jours. Qu’en pensez-vous\u202f?")
                % {"number": order.number},
                _("Votre avis, bon ou mauvais, aide ceux qui hésitent. Il n’y a rien à gagner, sinon leur merci."),
                *links,
                _("C’est notre seul message à ce sujet. Pour n’en recevoir aucun après vos prochaines commandes\u202f:")
                + f"\n{refusal}",
            ]
        )
        key = f"review-invitation-{order.pk}"
        subject = _("Votre avis sur la commande %(number)s") % {"number": order.number}
        post(mail.letter(subject=subject, text=text, to=order.email, language=language, key=key), key=key)


def object_to_invitations(*, email: str, now: datetime) -> None:
    """Never ask this address again. A repeat changes nothing."""
    ReviewObjection.objects.get_or_create(pk=email_digest(email), defaults={"created_at": now})


@shared_task(name="comments.invite_reviews")
def invite_reviews(**_unknown: Any) -> int:
    """Every day: ask who received something a week ago."""
    now = timezone.now()
    return sum(invite(order_id=order_id, now=now) for order_id in due(now=now))

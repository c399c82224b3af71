"""Kinds of e-mail about orders. `apps.notifications` composes them."""

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.common.models import OutboxEmail
from apps.orders.models.order import Order

# An occasion of CANCELLED: the shopper put the order back into the basket to change it.
MODIFIED = "modified"


class OrderEmail(models.TextChoices):
    """`object_id` is the order's. REFUNDED's `occasion` is the beginning of the refund's key."""

    PLACED = "order_placed", _("commande reçue")
    PROCESSING = "order_processing", _("paiement en cours à la banque")
    PAYMENT_FAILED = "order_payment_failed", _("paiement refusé par la banque")
    CONFIRMED = "order_confirmed", _("commande confirmée")
    READY = "order_ready", _("prête à retirer")
    SHIPPED = "order_shipped", _("expédiée")
    CANCELLED = "order_cancelled", _("annulée")
    EXPIRED = "order_expired", _("expirée")
    REFUNDED = "order_refunded", _("remboursée")
    # The link of the order's page, on request.
    LINK = "order_link", _("lien de suivi")


def emails_about(order: Order) -> QuerySet[OutboxEmail]:
    return OutboxEmail.objects.filter(kind__in=OrderEmail.values, object_id=order.pk)

"""What customers are notified of about their orders: kinds of the outbox. `apps.notifications` composes them."""

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.common.models import OutboxEmail
from apps.orders.models.order import Order

# The shopper took the order back to change it: an occasion of CANCELLED.
MODIFIED = "modified"


class OrderEmail(models.TextChoices):
    """The object is the order. REFUNDED's occasion is the beginning of the refund's key."""

    PLACED = "order_placed", _("commande reçue")
    CONFIRMED = "order_confirmed", _("commande confirmée")
    READY = "order_ready", _("prête à retirer")
    SHIPPED = "order_shipped", _("expédiée")
    CANCELLED = "order_cancelled", _("annulée")
    EXPIRED = "order_expired", _("expirée")
    REFUNDED = "order_refunded", _("remboursée")
    # The link of its page, once more, for who asked for it.
    LINK = "order_link", _("lien de suivi")


def emails_about(order: Order) -> QuerySet[OutboxEmail]:
    return OutboxEmail.objects.filter(kind__in=OrderEmail.values, object_id=order.pk)

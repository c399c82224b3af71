from django.db import models
from django.db.models import UniqueConstraint
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.common.fields import ExactCharField
from apps.orders.models.order import Order


class OrderNotification(models.Model):
    """A pending e-mail as releases before the outbox wrote it; takeover.py moves it to the outbox."""

    class Kind(models.TextChoices):
        PLACED = "PLACED", _("commande reçue")
        CONFIRMED = "CONFIRMED", _("commande confirmée")
        READY = "READY", _("prête à retirer")
        SHIPPED = "SHIPPED", _("expédiée")
        CANCELLED = "CANCELLED", _("annulée")
        EXPIRED = "EXPIRED", _("expirée")
        REFUNDED = "REFUNDED", _("remboursée")

    class Status(models.TextChoices):
        PENDING = "OWED", _("à envoyer")
        SENDING = "SENDING", _("en cours d’envoi")
        # The whole message is transmitted; whether the mail server accepted it is not known (yet).
        HANDED = "HANDED", _("remis, sans réponse")
        SENT = "SENT", _("envoyé")
        FAILED = "FAILED", _("échec")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="notifications", verbose_name=_("commande"))
    kind = models.CharField(_("message"), max_length=10, choices=Kind)
    # Distinguishes two refunds of one order, and reasons of a cancellation; mostly empty.
    occasion = ExactCharField(max_length=60, blank=True)
    status = models.CharField(_("état"), max_length=8, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("essais"), default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("envoyé le"), null=True, blank=True)
    created_at = models.DateTimeField(_("créé le"), default=timezone.now)

    class Meta:
        verbose_name = _("message au client")
        verbose_name_plural = _("messages au client")
        indexes = [models.Index(fields=["status", "created_at"], name="order_notification_due")]
        constraints = [UniqueConstraint(fields=["order", "kind", "occasion"], name="order_notification_once")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.kind}"

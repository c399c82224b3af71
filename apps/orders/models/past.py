from collections.abc import Collection

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.common.fields import CanonicalEmailField, ExactCharField
from apps.common.money import MoneyField


class PastOrderQuerySet(models.QuerySet):
    def of_emails(self, emails: "Collection[str] | models.QuerySet") -> "PastOrderQuerySet":
        return self.filter(email__in=emails, anonymised_at=None)

    def sold(self) -> "PastOrderQuerySet":
        return self.filter(state="PAID")


class PastOrder(models.Model):
    """An order that a former shop took, brought in by a file: read, never changed.

    It is no sale of this shop: no stock, payment, invoice, book or figure of `Order` knows it. `source` and `number`
    are its key, so that a repeat of the file adds nothing, and nobody who was erased.
    """

    class State(models.TextChoices):
        PAID = "PAID", _("payée")
        OPEN = "OPEN", _("non terminée")
        CANCELLED = "CANCELLED", _("annulée")
        REFUNDED = "REFUNDED", _("remboursée")

    source = ExactCharField(_("ancienne boutique"), max_length=60)
    number = ExactCharField(_("numéro"), max_length=60)
    email = CanonicalEmailField(_("adresse e-mail"), blank=True)
    name = models.CharField(_("nom"), max_length=160, blank=True)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    # As the former shop wrote it, in one line.
    delivered_to = models.CharField(_("livrée à"), max_length=300, blank=True)
    placed_at = models.DateTimeField(_("passée le"))
    state = models.CharField(_("état"), max_length=10, choices=State)
    # The former shop's own word for its state.
    status_text = models.CharField(_("état d’origine"), max_length=80, blank=True)
    payment_text = models.CharField(_("paiement"), max_length=80, blank=True)
    # [{"name", "sku", "quantity", "price"}, …]; the price of one piece with VAT, as text, or "" without.
    lines = models.JSONField(_("lignes"), default=list, encoder=DjangoJSONEncoder)
    delivery_total = MoneyField(_("livraison"), null=True, blank=True)
    total = MoneyField(_("total TTC"))
    refunded = MoneyField(_("remboursé"), default=0)
    # The id of `imports.HistoryImport`; no foreign key, because that app stands above.
    import_number = models.PositiveBigIntegerField(db_index=True, editable=False)
    created_at = models.DateTimeField(_("reprise le"), default=timezone.now, editable=False)
    anonymised_at = models.DateTimeField(_("anonymisée le"), null=True, blank=True, editable=False)

    objects = PastOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("commande antérieure")
        verbose_name_plural = _("commandes antérieures")
        ordering = ["-placed_at", "-pk"]
        indexes = [
            models.Index(fields=["email", "placed_at"], name="past_order_email"),
            models.Index(fields=["placed_at"], name="past_order_placed"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="past_order_once"),
            models.CheckConstraint(condition=Q(refunded__lte=models.F("total")), name="past_order_refunded_lte_total"),
        ]

    def __str__(self) -> str:
        return self.number

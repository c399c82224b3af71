from django.db import models
from django.db.models import UniqueConstraint
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from apps.common.fields import ExactCharField
from apps.common.money import ZERO, SignedMoneyField, format_euros
from apps.payments.models.dispute import Dispute
from apps.payments.models.payment import Payment, Refund
from apps.payments.querysets import PayoutLineQuerySet


class Payout(models.Model):
    """A transfer of a provider's to the shop's bank account, which its lines explain."""

    class Status(models.TextChoices):
        PENDING = "PENDING", _("en route")
        PAID = "PAID", _("versé")
        FAILED = "FAILED", _("refusé par la banque")
        CANCELLED = "CANCELLED", _("annulé")

    gateway = ExactCharField(_("prestataire"), max_length=40)
    reference = ExactCharField(_("référence du prestataire"), max_length=120)
    status = models.CharField(_("état"), max_length=10, choices=Status)
    # Negative where the provider takes money from the account.
    amount = SignedMoneyField(_("montant"))
    # Of its lines, once they are there.
    fees = SignedMoneyField(_("frais"), default=ZERO)
    initiated_at = models.DateTimeField(_("émis le"))
    arrival_date = models.DateField(_("sur le compte le"))
    # When the shop learned of each: dates of the journal, which never changes for days that have passed.
    recorded_at = models.DateTimeField(editable=False)
    paid_at = models.DateTimeField(_("versement enregistré le"), null=True, blank=True)
    failed_at = models.DateTimeField(_("refus enregistré le"), null=True, blank=True)
    itemised_at = models.DateTimeField(_("lignes reçues le"), null=True, blank=True)

    class Meta:
        verbose_name = _("versement")
        verbose_name_plural = _("versements")
        ordering = ["-initiated_at", "-pk"]
        constraints = [UniqueConstraint(fields=["gateway", "reference"], name="payout_once")]

    def __str__(self) -> str:
        return f"{capfirst(self._meta.verbose_name)} {format_euros(self.amount)}"


class PayoutLine(models.Model):
    """One line of a payout, matched to what it is about. `net` is `amount` less `fee`."""

    class Kind(models.TextChoices):
        PAYMENT = "PAYMENT", _("paiement")
        REFUND = "REFUND", _("remboursement")
        REFUND_BACK = "REFUND_BACK", _("remboursement renvoyé")
        DISPUTE = "DISPUTE", _("litige")
        FEE = "FEE", _("frais")
        OTHER = "OTHER", _("autre")

    class Match(models.TextChoices):
        SAME = "SAME", _("conforme")
        OTHER_AMOUNT = "OTHER_AMOUNT", _("montant différent")
        UNKNOWN = "UNKNOWN", _("inconnu de la boutique")

    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="lines", verbose_name=_("versement"))
    reference = ExactCharField(_("référence du prestataire"), max_length=120)
    kind = models.CharField(_("nature"), max_length=12, choices=Kind)
    amount = SignedMoneyField(_("montant"))
    fee = SignedMoneyField(_("frais"))
    net = SignedMoneyField(_("net"))
    happened_at = models.DateTimeField(_("le"))
    source = ExactCharField(_("objet chez le prestataire"), max_length=120, blank=True)
    # The provider's reference of the payment, for lines about one.
    source_payment = ExactCharField(max_length=120, blank=True, editable=False)
    description = models.CharField(_("libellé"), max_length=200, blank=True)
    match = models.CharField(_("rapprochement"), max_length=12, choices=Match, default=Match.UNKNOWN)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("paiement")
    )
    refund = models.ForeignKey(
        Refund, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("remboursement")
    )
    dispute = models.ForeignKey(
        Dispute, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("litige")
    )

    objects = PayoutLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("ligne de versement")
        verbose_name_plural = _("lignes de versement")
        ordering = ["pk"]
        indexes = [models.Index(fields=["match", "kind"], name="payout_line_match")]
        constraints = [UniqueConstraint(fields=["payout", "reference"], name="payout_line_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {format_euros(self.amount)}"

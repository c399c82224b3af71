from decimal import Decimal

from django.db import models
from django.db.models import UniqueConstraint
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from apps.common.fields import ExactCharField
from apps.common.models import AppendOnly
from apps.common.money import ZERO, MoneyField, SignedMoneyField, format_euros
from apps.payments.models.payment import Payment
from apps.payments.querysets import DisputeQuerySet


class Dispute(models.Model):
    """A customer has asked the bank for the money of a payment back. The provider decides; this is its last word."""

    class Status(models.TextChoices):
        NEEDS_RESPONSE = "NEEDS_RESPONSE", _("à répondre")
        UNDER_REVIEW = "UNDER_REVIEW", _("réponse à l’examen")
        WON = "WON", _("gagné")
        LOST = "LOST", _("perdu")
        CLOSED = "CLOSED", _("demande close")

    OPEN = (Status.NEEDS_RESPONSE, Status.UNDER_REVIEW)

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes", verbose_name=_("paiement"))
    reference = ExactCharField(_("référence du prestataire"), max_length=120)
    status = models.CharField(_("état"), max_length=14, choices=Status)
    # The bank only asks; no money has moved.
    is_inquiry = models.BooleanField(_("simple demande de la banque"), default=False)
    amount = MoneyField(_("montant contesté"))
    # Taken back and not given again, as its movements say.
    withdrawn = MoneyField(_("repris par la banque"), default=ZERO)
    # As the provider calls it: fraudulent, product_not_received …
    reason = ExactCharField(_("motif"), max_length=60, blank=True)
    opened_at = models.DateTimeField(_("ouvert le"))
    answer_by = models.DateTimeField(_("répondre avant le"), null=True, blank=True)
    closed_at = models.DateTimeField(_("clos le"), null=True, blank=True)
    # Since when its money is a loss in the books; stays if the provider changes its mind.
    lost_at = models.DateTimeField(_("perdu le"), null=True, blank=True)
    recorded_at = models.DateTimeField(editable=False)
    # When the provider was asked for what stands here: an older answer that arrives later changes nothing.
    asked_at = models.DateTimeField(editable=False)
    reminded_at = models.DateTimeField(_("rappel envoyé le"), null=True, blank=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("litige")
        verbose_name_plural = _("litiges")
        ordering = ["-opened_at", "-pk"]
        indexes = [models.Index(fields=["status", "answer_by"], name="dispute_status_answer_by")]
        constraints = [UniqueConstraint(fields=["payment", "reference"], name="dispute_once")]

    def __str__(self) -> str:
        return f"{capfirst(self._meta.verbose_name)} {format_euros(self.amount)}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def needs_response(self) -> bool:
        return self.status == self.Status.NEEDS_RESPONSE


class DisputeMovement(AppendOnly):
    """Money that the provider took back for a dispute, or gave again."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="movements")
    reference = ExactCharField(_("référence du prestataire"), max_length=120)
    amount = SignedMoneyField(_("montant"))
    fee = SignedMoneyField(_("frais"))
    happened_at = models.DateTimeField(_("le"))
    # The journal's date: what was exported before never changes.
    recorded_at = models.DateTimeField(_("enregistré le"))

    class Meta:
        verbose_name = _("mouvement de litige")
        verbose_name_plural = _("mouvements de litige")
        ordering = ["pk"]
        indexes = [models.Index(fields=["recorded_at"], name="dispute_movement_recorded")]
        constraints = [UniqueConstraint(fields=["dispute", "reference"], name="dispute_movement_once")]

    def __str__(self) -> str:
        return format_euros(self.amount)

    @property
    def is_after_loss(self) -> bool:
        """Whether it changes what was a loss already. Reads its dispute."""
        lost_at = self.dispute.lost_at
        return lost_at is not None and self.recorded_at > lost_at


def held_back(movements: list[Decimal]) -> Decimal:
    """What is with the bank after these amounts."""
    return max(ZERO, -sum(movements, ZERO))

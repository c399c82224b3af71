from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q
from django.utils.translation import gettext_lazy as _

from apps.common.money import MoneyField, format_euros


class PlannedReduction(models.Model):
    """A reduction that begins and ends by itself: the half-open interval `starts_at <= now < ends_at`.

    Where several of one variant run, the lowest price applies. Its reference price is found when it begins, not when
    planned. `services.planned_prices` holds the rules and alone changes a row.
    """

    class State(models.TextChoices):
        PLANNED = "PLANNED", _("prévue")
        RUNNING = "RUNNING", _("en cours")
        ENDED = "ENDED", _("terminée")
        REFUSED = "REFUSED", _("refusée")

    variant = models.ForeignKey(
        "catalogue.Variant", on_delete=models.CASCADE, related_name="planned_reductions", verbose_name=_("modèle")
    )
    amount = MoneyField(_("prix réduit TTC"))
    starts_at = models.DateTimeField(_("début"))
    ends_at = models.DateTimeField(_("fin"))
    # Before its end: by a price set by hand, or by « Arrêter ».
    stopped_at = models.DateTimeField(_("arrêtée le"), null=True, blank=True, editable=False)
    state = models.CharField(_("état"), max_length=8, choices=State, default=State.PLANNED, editable=False)
    refusal = models.CharField(_("motif du refus"), max_length=200, blank=True, editable=False)
    # When the team was notified of its refusal.
    notified_at = models.DateTimeField(null=True, blank=True, editable=False, db_column="told_at")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("prévue par"),
    )

    class Meta:
        verbose_name = _("réduction prévue")
        verbose_name_plural = _("réductions prévues")
        ordering = ["-starts_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "starts_at"], name="planned_reduction_start"),
            models.Index(fields=["state", "ends_at"], name="planned_reduction_end"),
        ]
        constraints = [
            CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")),
                name="planned_reduction_ends_after_start",
                violation_error_message=_("La fin doit venir après le début."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} : {format_euros(self.amount)}"

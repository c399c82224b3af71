from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.fields import ExactCharField
from apps.operations.querysets import OperationRunQuerySet


class OperationRun(models.Model):
    """One run of one operation: who or what started it, its outcome, its output. Once finished it never changes."""

    class Source(models.TextChoices):
        TERMINAL = "TERMINAL", _("terminal")
        SCHEDULE = "SCHEDULE", _("planification")
        BACK_OFFICE = "BACK_OFFICE", _("arrière-boutique")

    class State(models.TextChoices):
        QUEUED = "QUEUED", _("en attente")
        RUNNING = "RUNNING", _("en cours")
        SUCCEEDED = "SUCCEEDED", _("réussie")
        FAILED = "FAILED", _("échouée")
        OUT_OF_TIME = "OUT_OF_TIME", _("arrêtée, trop longue")
        ABANDONED = "ABANDONED", _("abandonnée")
        REFUSED = "REFUSED", _("refusée")

    operation = ExactCharField(_("opération"), max_length=40)
    source = models.CharField(_("lancée depuis"), max_length=12, choices=Source)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lancée par"),
    )
    host = ExactCharField(_("machine"), max_length=120)
    pid = models.PositiveIntegerField(_("processus"))
    options = models.JSONField(_("options"), default=dict)
    is_dry_run = models.BooleanField(_("essai"), default=False)
    state = models.CharField(_("état"), max_length=12, choices=State, default=State.RUNNING)
    message = models.TextField(_("bilan"), blank=True)
    result = models.JSONField(_("résultat"), default=dict)
    links = models.JSONField(_("liens"), default=dict)
    log = models.TextField(_("journal"), blank=True)
    started_at = models.DateTimeField(_("lancée le"))
    finished_at = models.DateTimeField(_("terminée le"), null=True, blank=True)
    # From then on another run may begin.
    expires_at = models.DateTimeField(_("limite"))
    # The operation's name while it runs, then null: unique, so at most one real run of each.
    active_key = ExactCharField(max_length=40, null=True, unique=True, editable=False)

    objects = OperationRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("exécution")
        verbose_name_plural = _("exécutions")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["operation", "started_at"], name="operation_run_by_name")]
        permissions = [("start_operation", _("Peut lancer une opération"))]

    def __str__(self) -> str:
        return f"{self.operation} {self.pk}"

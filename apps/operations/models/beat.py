from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.fields import ExactCharField


class BeatLease(models.Model):
    """Which scheduler acts. `token` is a fencing token: it grows with every change of holder, and an older one claims
    nothing."""

    name = ExactCharField(max_length=20, primary_key=True)
    holder = ExactCharField(max_length=120)
    token = models.PositiveBigIntegerField(default=0)
    # By the database's clock.
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.holder} ({self.token})"


class DueJob(models.Model):
    """One planned moment of one job, claimed once, then sent. Claimed and not sent: its claimant died."""

    job = ExactCharField(_("tâche planifiée"), max_length=200)
    task = ExactCharField(_("tâche"), max_length=200)
    due_at = models.DateTimeField(_("prévue le"))
    token = models.PositiveBigIntegerField(editable=False)
    claimed_at = models.DateTimeField(_("retenue le"))
    sent_at = models.DateTimeField(_("envoyée le"), null=True, blank=True)
    started_at = models.DateTimeField(_("commencée le"), null=True, blank=True)
    finished_at = models.DateTimeField(_("terminée le"), null=True, blank=True)
    error = models.CharField(_("erreur"), max_length=250, blank=True)

    class Meta:
        verbose_name = _("échéance")
        verbose_name_plural = _("échéances")
        ordering = ["-due_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["job", "due_at"], name="due_job_once")]
        indexes = [models.Index(fields=["claimed_at"], name="due_job_claimed")]

    def __str__(self) -> str:
        return f"{self.job} {self.due_at:%Y-%m-%d %H:%M:%S}"

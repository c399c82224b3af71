from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.common.fields import ExactCharField
from apps.operations.querysets import AuditFindingQuerySet


class AuditFinding(models.Model):
    """A finding of the audits, with when it was first and last seen. Staff may accept it, with a reason and until a
    day."""

    class Severity(models.TextChoices):
        INFO = "INFO", _("information")
        LOW = "LOW", _("faible")
        MEDIUM = "MEDIUM", _("moyenne")
        HIGH = "HIGH", _("haute")
        CRITICAL = "CRITICAL", _("critique")

    key = ExactCharField(max_length=40, unique=True, editable=False)
    check_name = models.CharField(_("contrôle"), max_length=120)
    severity = models.CharField(_("gravité"), max_length=8, choices=Severity)
    resource = models.CharField(_("ressource"), max_length=512)
    region = models.CharField(_("région"), max_length=30, blank=True)
    problem = models.TextField(_("constat"))
    remedy = models.TextField(_("que faire"))
    euros = models.DecimalField(_("euros par mois"), max_digits=12, decimal_places=2, null=True, blank=True)
    sources = models.CharField(_("vu par"), max_length=40)
    first_seen_at = models.DateTimeField(_("vu depuis le"))
    last_seen_at = models.DateTimeField(_("vu le"))
    gone_at = models.DateTimeField(_("disparu le"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("accepté par"),
        editable=False,
    )
    accepted_reason = models.TextField(_("accepté parce que"), blank=True, max_length=1000)
    accepted_until_date = models.DateField(
        _("accepté jusqu’au"), null=True, blank=True, help_text=_("Ce jour compris ; ensuite le constat revient.")
    )

    objects = AuditFindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("constat d’audit")
        verbose_name_plural = _("constats d’audit")
        ordering = ["-last_seen_at", "pk"]
        indexes = [models.Index(fields=["gone_at", "severity"], name="audit_finding_open")]
        constraints = [
            models.CheckConstraint(
                condition=Q(severity__in=["INFO", "LOW", "MEDIUM", "HIGH", "CRITICAL"]), name="audit_finding_severity"
            ),
            models.CheckConstraint(
                condition=Q(accepted_until_date=None, accepted_reason="")
                | (Q(accepted_until_date__isnull=False) & ~Q(accepted_reason="")),
                name="audit_finding_accepted_with_reason",
                violation_error_message=_("Dites pourquoi, et jusqu’à quel jour : l’un ne va pas sans l’autre."),
            ),
            models.CheckConstraint(
                condition=Q(last_seen_at__gte=models.F("first_seen_at")), name="audit_finding_seen_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_name} {self.resource}"

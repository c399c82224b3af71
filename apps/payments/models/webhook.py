from django.db import models
from django.db.models import UniqueConstraint
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.common.fields import ExactCharField


class WebhookEvent(models.Model):
    """A provider's message, stored once however often it is delivered."""

    gateway = ExactCharField(max_length=40)
    event_id = ExactCharField(max_length=120)
    payload = models.JSONField()
    received_at = models.DateTimeField(default=timezone.now)
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("notification de prestataire")
        verbose_name_plural = _("notifications de prestataires")
        constraints = [UniqueConstraint(fields=["gateway", "event_id"], name="webhook_event_once")]

    def __str__(self) -> str:
        return f"{self.gateway} {self.event_id}"

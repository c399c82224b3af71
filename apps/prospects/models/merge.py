from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.prospects.models.prospect import Prospect


class Merge(models.Model):
    """Two cards of one person merged into one, with what undoing it needs: fields before and after, notes and files
    moved."""

    survivor = models.ForeignKey(Prospect, on_delete=models.CASCADE, related_name="merges", db_column="kept_id")
    gone = models.ForeignKey(Prospect, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(_("le"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    # before, after: {field: value} of what changed on the survivor; notes, attachments: ids of the rows moved to it.
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("fusion")
        verbose_name_plural = _("fusions")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.gone_id} → {self.survivor_id}"

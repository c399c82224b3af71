from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.fields import ExactCharField
from apps.prospects.models.prospect import Prospect


class Note(models.Model):
    """What somebody of the team wrote on a card. Text only."""

    MAX_TEXT = 5000

    prospect = models.ForeignKey(Prospect, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    author_name = models.CharField(_("par"), max_length=120)
    text = models.TextField(_("note"), max_length=MAX_TEXT)
    # Made with the page, so that a double click writes once.
    key = ExactCharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("le"))

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.text[:60]

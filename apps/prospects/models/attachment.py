import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.documents import documents
from apps.common.fields import ExactFileField
from apps.prospects.models.prospect import Prospect


def attachment_path(_instance: "Attachment", _filename: str) -> str:
    """Contains nothing of the sender's file name, which is stored in the row and restored at download."""
    return f"prospects/{secrets.token_urlsafe(24)}"


class Attachment(models.Model):
    """A file on a card."""

    prospect = models.ForeignKey(Prospect, on_delete=models.CASCADE, related_name="attachments")
    file = ExactFileField(storage=documents, upload_to=attachment_path, max_length=120)
    name = models.CharField(_("nom"), max_length=160)
    size = models.PositiveIntegerField(_("taille"))
    content_type = models.CharField(_("type"), max_length=80)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("ajouté le"))

    class Meta:
        verbose_name = _("fichier")
        verbose_name_plural = _("fichiers")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.documents import documents
from apps.common.fields import ExactFileField


def upload_path(_instance: "ProspectImport", _filename: str) -> str:
    return f"prospect-imports/{secrets.token_urlsafe(24)}"


class ProspectImport(models.Model):
    """A list of people uploaded in the admin: previewed, then written once somebody confirms it.

    The file is deleted after the import; the report stores numbers and reasons, no names.
    """

    class Status(models.TextChoices):
        COLUMNS = "COLUMNS", _("colonnes à dire")
        PREVIEWED = "PREVIEWED", _("à confirmer")
        DONE = "DONE", _("terminé")

    file = ExactFileField(storage=documents, upload_to=upload_path, max_length=120, blank=True)
    name = models.CharField(_("nom du fichier"), max_length=160)
    status = models.CharField(_("état"), max_length=10, choices=Status, default=Status.PREVIEWED)
    # created, known: numbers; rejects: [[line, reason], …]; ignored: names of columns; choice: what a person said that
    # the columns are.
    report = models.JSONField(_("bilan"), default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("envoyé par")
    )
    created_at = models.DateTimeField(_("envoyé le"))
    finished_at = models.DateTimeField(_("terminé le"), null=True)

    class Meta:
        verbose_name = _("import de prospects")
        verbose_name_plural = _("imports de prospects")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

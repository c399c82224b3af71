import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models.product import VatClass
from apps.common.documents import documents
from apps.common.fields import ExactFileField


def import_path(_instance: "CatalogueImport", filename: str) -> str:
    return f"imports/{secrets.token_urlsafe(18)}/{filename}"


class CatalogueImport(models.Model):
    """A catalogue sent through the admin: looked at first, written when a person has confirmed it.

    `apps.imports` alone writes it; why it stands here: docs/decisions/2026-11-28-imports-are-an-app-without-tables.md.
    """

    class Format(models.TextChoices):
        AUTO = "auto", _("reconnaître")
        MERCHANT = "merchant", _("liste de commerçant")
        SHOPIFY = "shopify", _("Shopify")
        WOOCOMMERCE = "woocommerce", _("WooCommerce")
        WIX = "wix", _("Wix")
        MAPPED = "mapped", _("choisir les colonnes")
        WEBMARKET = "webmarket", _("notre export")

    class Status(models.TextChoices):
        RECEIVED = "RECEIVED", _("aperçu en cours")
        MAPPING = "MAPPING", _("colonnes à choisir")
        PREVIEWED = "PREVIEWED", _("à confirmer")
        CONFIRMED = "CONFIRMED", _("import en cours")
        PAUSED = "PAUSED", _("en pause")
        STOPPED = "STOPPED", _("interrompu")
        DONE = "DONE", _("terminé")
        UNDOING = "UNDOING", _("annulation en cours")
        UNDONE = "UNDONE", _("annulé")
        REFUSED = "REFUSED", _("fichier refusé")

    class Wish(models.TextChoices):
        """What a person asked of the import that runs; it obeys after its batch."""

        NONE = "", _("continuer")
        PAUSE = "PAUSE", _("mettre en pause")
        STOP = "STOP", _("interrompre")

    file = ExactFileField(_("fichier"), storage=documents, upload_to=import_path, max_length=255)
    name = models.CharField(_("nom du fichier"), max_length=200)
    format = models.CharField(_("format"), max_length=20, choices=Format, default=Format.AUTO)
    vat_class = models.CharField(
        _("TVA des nouveaux produits"),
        max_length=16,
        choices=VatClass,
        default=VatClass.STANDARD,
        help_text=_("Seulement pour un fichier qui ne la donne pas."),
    )
    status = models.CharField(_("état"), max_length=10, choices=Status, default=Status.RECEIVED)
    lines = models.PositiveIntegerField(_("lignes du fichier"), default=0)
    progress = models.PositiveIntegerField(_("ligne atteinte"), default=0)
    report = models.JSONField(_("bilan"), default=dict)
    # `imports.catalogue.reading.Reading` as JSON, where a person chose the columns.
    reading = models.JSONField(_("lecture"), null=True, blank=True)
    wish = models.CharField(_("demande"), max_length=6, choices=Wish, blank=True, default="", db_default="")
    rejects = ExactFileField(_("lignes refusées"), storage=documents, upload_to=import_path, max_length=255, blank=True)
    problem = models.CharField(_("problème"), max_length=500, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("envoyé par")
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("confirmé par")
    )
    created_at = models.DateTimeField(_("envoyé le"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmé le"), null=True)
    finished_at = models.DateTimeField(_("terminé le"), null=True)

    class Meta:
        verbose_name = _("import du catalogue")
        verbose_name_plural = _("imports du catalogue")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

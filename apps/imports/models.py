"""What imports remember: how a supplier's files are read, what each did to each product, which worker has it."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import UniqueConstraint
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.common.fields import ExactCharField


class ColumnMapping(models.Model):
    """Which column of one supplier's files holds what, offered when the next file has these columns.

    `reading` is `imports.catalogue.reading.Reading` as JSON.
    """

    name = ExactCharField(_("fournisseur"), max_length=80, unique=True)
    reading = models.JSONField(_("lecture"), default=dict)
    updated_at = models.DateTimeField(_("modifié le"), default=timezone.now)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("par")
    )

    class Meta:
        verbose_name = _("lecture de colonnes")
        verbose_name_plural = _("lectures de colonnes")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SuppliedVariant(models.Model):
    """A variant that a supplier's files have named, with the supplier's own reference, if they give one."""

    mapping = models.ForeignKey(ColumnMapping, on_delete=models.CASCADE, related_name="supplied")
    variant = models.ForeignKey("catalogue.Variant", on_delete=models.CASCADE, related_name="+")
    reference = ExactCharField(_("référence du fournisseur"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("modèle d’un fournisseur")
        verbose_name_plural = _("modèles de fournisseurs")
        indexes = [models.Index(fields=["mapping", "reference"], name="supplied_by_reference")]
        constraints = [UniqueConstraint(fields=["mapping", "variant"], name="supplied_variant_once")]

    def __str__(self) -> str:
        return self.reference or str(self.variant_id)


class ImportedProduct(models.Model):
    """What an import would change of one product (its preview), or has changed (`is_written`), and how to undo it."""

    class Outcome(models.TextChoices):
        NEW = "NEW", _("nouveau")
        CHANGED = "CHANGED", _("modifié")
        UNCHANGED = "UNCHANGED", _("inchangé")
        REFUSED = "REFUSED", _("refusé")

    class Attention(models.TextChoices):
        """The first reason to look at it before others."""

        NONE = "", _("rien de particulier")
        PRICE = "PRICE", _("prix changé de plus de 30 %")
        SOLD_OUT = "SOLD_OUT", _("épuisé après l’import")
        PUBLISHED = "PUBLISHED", _("brouillon mis en vente")
        DOUBTFUL = "DOUBTFUL", _("lecture douteuse")
        ABSENT = "ABSENT", _("absent du fichier")

    received = models.ForeignKey("catalogue.CatalogueImport", on_delete=models.CASCADE, related_name="products")
    line = models.PositiveIntegerField(_("ligne"), default=0)
    code = ExactCharField(_("code"), max_length=80, blank=True)
    name = models.CharField(_("nom"), max_length=200, blank=True)
    outcome = models.CharField(_("effet"), max_length=10, choices=Outcome)
    attention = models.CharField(_("à regarder"), max_length=10, choices=Attention, blank=True, default=Attention.NONE)
    # [[code, column, before, after], …], or the reason of a refusal as its only `after`.
    details = models.JSONField(_("détail"), default=list)
    is_written = models.BooleanField(_("écrit"), default=False)
    # No foreign key: the row outlives a product that is deleted.
    product_id = models.PositiveBigIntegerField(null=True)
    # `imports.catalogue.journal` says what it holds.
    undo = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    undone_at = models.DateTimeField(_("annulé le"), null=True)
    # [[code, column, why it was left], …]
    left = models.JSONField(_("non annulé"), default=list)

    class Meta:
        verbose_name = _("produit d’un import")
        verbose_name_plural = _("produits d’un import")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["received", "outcome"], name="imported_by_outcome"),
            models.Index(fields=["received", "attention"], name="imported_by_attention"),
            models.Index(fields=["product_id"], name="imported_by_product"),
        ]

    def __str__(self) -> str:
        return self.code


class ImportJob(models.Model):
    """Which worker previews, writes or undoes an import. One that has not beaten for a while was killed.

    Its row is locked while a batch is written: of two workers that hold themselves for the one, only one writes.
    """

    received = models.OneToOneField(
        "catalogue.CatalogueImport", on_delete=models.CASCADE, primary_key=True, related_name="job"
    )
    worker = ExactCharField(max_length=32, blank=True)
    beat_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("travail d’un import")
        verbose_name_plural = _("travaux d’imports")

    def __str__(self) -> str:
        return str(self.received_id)

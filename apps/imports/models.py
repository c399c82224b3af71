"""What imports remember: how a supplier's files are read, what each did to each product, which worker has it."""

import secrets

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q, UniqueConstraint
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.common.documents import documents
from apps.common.fields import ExactCharField, ExactFileField


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


def history_path(_instance: "HistoryImport", _filename: str) -> str:
    return f"history-imports/{secrets.token_urlsafe(24)}"


class HistoryImport(models.Model):
    """A former shop's customers or orders as a file: previewed, written once somebody confirms it, undone on request.

    The file is deleted after the import, and what names people in it after thirty days; the report is of numbers.
    """

    class Kind(models.TextChoices):
        CUSTOMERS = "CUSTOMERS", _("clients")
        ORDERS = "ORDERS", _("commandes")

    class Status(models.TextChoices):
        COLUMNS = "COLUMNS", _("colonnes à dire")
        RECEIVED = "RECEIVED", _("aperçu en cours")
        PREVIEWED = "PREVIEWED", _("à confirmer")
        CONFIRMED = "CONFIRMED", _("import en cours")
        DONE = "DONE", _("terminé")
        UNDOING = "UNDOING", _("annulation en cours")
        UNDONE = "UNDONE", _("annulé")
        REFUSED = "REFUSED", _("fichier refusé")

    file = ExactFileField(_("fichier"), storage=documents, upload_to=history_path, max_length=120, blank=True)
    rejects = ExactFileField(
        _("lignes refusées"), storage=documents, upload_to=history_path, max_length=120, blank=True
    )
    name = models.CharField(_("nom du fichier"), max_length=160)
    kind = models.CharField(_("contenu"), max_length=10, choices=Kind, blank=True)
    source = ExactCharField(
        _("ancienne boutique"),
        max_length=60,
        blank=True,
        help_text=_("Son nom, si vous en reprenez plusieurs ; sinon celui du logiciel qui a écrit le fichier."),
    )
    status = models.CharField(_("état"), max_length=10, choices=Status, default=Status.RECEIVED)
    progress = models.PositiveIntegerField(_("ligne atteinte"), default=0)
    # `history.report.HistoryReport`.
    report = models.JSONField(_("bilan"), default=dict)
    problem = models.CharField(_("problème"), max_length=500, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("envoyé par")
    )
    created_at = models.DateTimeField(_("envoyé le"), default=timezone.now)
    # When a task last got on with it: a task that was lost is sent again, a few times.
    beat_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(_("terminé le"), null=True)

    class Meta:
        verbose_name = _("import d’historique")
        verbose_name_plural = _("imports d’historique")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name


class ImportedCustomer(models.Model):
    """An account that an import of customers opened, so that it can be undone, and that nobody who asked to be erased
    comes back with the same file."""

    received = models.ForeignKey(HistoryImport, on_delete=models.CASCADE, related_name="customers")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # Keyed hashes: of the e-mail, and of what the account was opened with.
    email_hash = ExactCharField(max_length=16, db_index=True)
    state_hash = ExactCharField(max_length=16)

    class Meta:
        verbose_name = _("client d’un import")
        verbose_name_plural = _("clients d’un import")

    def __str__(self) -> str:
        return self.email_hash


class OldPath(models.Model):
    """The path of a page of a former shop, and which page here it means now.

    `path` is as `old_paths.links.normal_path` makes it. A product or a rayon is named by itself and not by its slug, so
    that it may be renamed; a row never refers to another old path.
    """

    path = ExactCharField(_("ancienne adresse"), max_length=500, unique=True)
    product = models.ForeignKey(
        "catalogue.Product",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("produit"),
    )
    category = models.ForeignKey(
        "catalogue.Category", on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("rayon")
    )
    to_path = ExactCharField(_("page"), max_length=500, blank=True)
    hits = models.PositiveIntegerField(_("fois demandée"), default=0)
    last_asked_at = models.DateTimeField(_("demandée le"), null=True, blank=True)
    created_at = models.DateTimeField(_("ajoutée le"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("ancienne adresse")
        verbose_name_plural = _("anciennes adresses")
        ordering = ["-hits", "path"]
        indexes = [models.Index(fields=["hits"], name="old_path_hits")]
        constraints = [
            models.CheckConstraint(
                condition=Q(product__isnull=False, category__isnull=True, to_path="")
                | Q(product__isnull=True, category__isnull=False, to_path="")
                | (Q(product__isnull=True, category__isnull=True) & ~Q(to_path="")),
                name="old_path_leads_to_one_page",
            ),
        ]

    def __str__(self) -> str:
        return self.path


class UnknownPath(models.Model):
    """A path that was asked for and that no page here, and no rule, knows; only those asked for most are kept."""

    path = ExactCharField(_("adresse"), max_length=300, unique=True)
    hits = models.PositiveIntegerField(_("fois demandée"), default=0)
    first_asked_at = models.DateTimeField(_("demandée la première fois"))
    last_asked_at = models.DateTimeField(_("demandée le"))

    class Meta:
        verbose_name = _("adresse inconnue")
        verbose_name_plural = _("adresses inconnues")
        ordering = ["-hits", "path"]
        indexes = [models.Index(fields=["hits"], name="unknown_path_hits")]

    def __str__(self) -> str:
        return self.path


def export_path(_instance: "ShopExport", _filename: str) -> str:
    return f"shop-exports/{secrets.token_urlsafe(24)}.zip"


class ShopExport(models.Model):
    """Everything the owner brought or earned as one archive, made by a task and deleted after two days."""

    class Status(models.TextChoices):
        WAITING = "WAITING", _("en attente")
        RUNNING = "RUNNING", _("en cours")
        DONE = "DONE", _("prêt")
        FAILED = "FAILED", _("échec")
        EXPIRED = "EXPIRED", _("supprimé")

    status = models.CharField(_("état"), max_length=8, choices=Status, default=Status.WAITING)
    file = ExactFileField(_("archive"), storage=documents, upload_to=export_path, max_length=120, blank=True)
    # Rows written so far, by file.
    counts = models.JSONField(_("lignes"), default=dict)
    rows = models.PositiveIntegerField(_("lignes écrites"), default=0)
    size = models.PositiveBigIntegerField(_("octets"), default=0)
    problem = models.CharField(_("problème"), max_length=500, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("demandé par")
    )
    created_at = models.DateTimeField(_("demandé le"), default=timezone.now)
    beat_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(_("terminé le"), null=True)

    class Meta:
        verbose_name = _("export de la boutique")
        verbose_name_plural = _("exports de la boutique")
        ordering = ["-pk"]
        default_permissions = ("add", "view")

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

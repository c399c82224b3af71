"""Accounting documents, never changed after issue: each row holds the hash of the one before, by a foreign key."""

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from apps.common.documents import documents
from apps.common.fields import ExactCharField, ExactFileField
from apps.common.models import AppendOnly
from apps.common.money import MoneyField
from apps.invoicing.querysets import DocumentQuerySet

HASH_LENGTH = 64


def life_total(name: Any) -> MoneyField:
    """Since the first document; a single amount has eight digits before the comma."""
    return MoneyField(name, max_digits=16)


class Chain(models.Model):
    """The one row that whoever issues or closes locks: the last document, the last day closed.

    `starts_at`: sales of before have documents of another system; None where there was none.
    """

    starts_at = models.DateTimeField(null=True, blank=True)
    last_position = models.PositiveBigIntegerField(default=0)
    last_hash = ExactCharField(max_length=HASH_LENGTH, blank=True)
    last_issued_at = models.DateTimeField(null=True, blank=True)
    closed_through = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"→ {self.last_position}"


class Document(AppendOnly):
    """An invoice, or a credit note that corrects one.

    `content` is everything that is printed, as canonical JSON; the columns repeat of it what is searched and added up.
    `hash` covers the content and the previous hash.
    """

    class Kind(models.TextChoices):
        INVOICE = "INVOICE", _("facture")
        CREDIT_NOTE = "CREDIT_NOTE", _("avoir")

    position = models.PositiveBigIntegerField(_("rang"), unique=True)
    kind = models.CharField(_("nature"), max_length=11, choices=Kind)
    year = models.PositiveSmallIntegerField(_("exercice"))
    sequence = models.PositiveIntegerField(_("rang dans l’année"))
    number = ExactCharField(_("numéro"), max_length=20, unique=True)
    # « order-12 » or « refund-7 »: each is documented once.
    source = ExactCharField(max_length=40, unique=True)
    order = models.ForeignKey(
        "orders.Order", on_delete=models.PROTECT, related_name="documents", verbose_name=_("commande")
    )
    refund = models.OneToOneField(
        "payments.Refund",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="credit_note",
        verbose_name=_("remboursement"),
    )
    corrects = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="credit_notes",
        verbose_name=_("facture corrigée"),
    )
    issue_date = models.DateField(_("émis le"), db_index=True)
    issued_at = models.DateTimeField(_("enregistré le"))
    language = models.CharField(_("langue"), max_length=5)
    net = MoneyField(_("total HT"))
    vat = MoneyField(_("TVA"))
    gross = MoneyField(_("total TTC"))
    content = models.TextField(_("contenu"))
    # The database lets go of no row that another follows, and of no hash that another repeats.
    previous = models.OneToOneField(
        "self",
        to_field="hash",
        db_column="previous_hash",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="following",
        verbose_name=_("empreinte précédente"),
    )
    hash = ExactCharField(_("empreinte"), max_length=HASH_LENGTH, unique=True)

    objects = DocumentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("facture ou avoir")
        verbose_name_plural = _("factures et avoirs")
        ordering = ["-position"]
        constraints = [
            UniqueConstraint(fields=["kind", "year", "sequence"], name="document_sequence_once"),
            CheckConstraint(
                condition=Q(gross=Round(F("net") + F("vat"), precision=2)), name="document_gross_is_net_and_vat"
            ),
            CheckConstraint(condition=Q(net__gte=0, vat__gte=0), name="document_amounts_not_negative"),
            CheckConstraint(
                condition=Q(kind="INVOICE", refund__isnull=True, corrects__isnull=True)
                | Q(kind="CREDIT_NOTE", refund__isnull=False, corrects__isnull=False),
                name="document_credit_note_corrects",
            ),
            CheckConstraint(
                condition=Q(position=1, previous__isnull=True) | Q(position__gt=1, previous__isnull=False),
                name="document_follows_another",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_invoice(self) -> bool:
        return self.kind == self.Kind.INVOICE


class Series(models.Model):
    """The last number of one kind of document in one year."""

    kind = models.CharField(max_length=11, choices=Document.Kind)
    year = models.PositiveSmallIntegerField()
    last_sequence = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [UniqueConstraint(fields=["kind", "year"], name="series_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}"


class DocumentVat(AppendOnly):
    """The amounts of a document at one rate."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="vat_lines")
    rate = models.DecimalField(_("taux de TVA"), max_digits=4, decimal_places=1)
    net = MoneyField(_("HT"))
    vat = MoneyField(_("TVA"))
    gross = MoneyField(_("TTC"))

    class Meta:
        verbose_name = _("TVA d’un document")
        verbose_name_plural = _("TVA des documents")
        ordering = ["-rate"]
        constraints = [
            UniqueConstraint(fields=["document", "rate"], name="document_vat_rate_once"),
            CheckConstraint(
                condition=Q(gross=Round(F("net") + F("vat"), precision=2)), name="document_vat_gross_is_net_and_vat"
            ),
            CheckConstraint(condition=Q(net__gte=0, vat__gte=0), name="document_vat_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.rate} %"


class DocumentFile(AppendOnly):
    """The PDF of a document: rendered once, then only read."""

    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="file")
    file = ExactFileField(storage=documents, max_length=120)
    sha256 = ExactCharField(max_length=HASH_LENGTH)
    size = models.PositiveIntegerField(_("octets"))
    rendered_at = models.DateTimeField(_("imprimé le"))

    class Meta:
        verbose_name = _("PDF d’un document")
        verbose_name_plural = _("PDF des documents")

    def __str__(self) -> str:
        return self.file.name or ""


class Closing(AppendOnly):
    """The totals of a day, month or year that has ended, with those since the first document; chained like documents.

    Days, months and years are each a chain of their own.
    """

    class Period(models.TextChoices):
        DAY = "DAY", _("jour")
        MONTH = "MONTH", _("mois")
        YEAR = "YEAR", _("année")

    period = models.CharField(_("période"), max_length=5, choices=Period)
    start_date = models.DateField(_("du"))
    # The last day of it.
    end_date = models.DateField(_("au"))
    count = models.PositiveIntegerField(_("documents"))
    last_position = models.PositiveBigIntegerField(_("dernier rang"))
    last_hash = ExactCharField(_("empreinte du dernier document"), max_length=HASH_LENGTH, blank=True)
    invoiced = life_total(_("facturé TTC"))
    invoiced_vat = life_total(_("TVA facturée"))
    credited = life_total(_("avoirs TTC"))
    credited_vat = life_total(_("TVA des avoirs"))
    life_invoiced = life_total(_("facturé TTC depuis l’origine"))
    life_invoiced_vat = life_total(_("TVA facturée depuis l’origine"))
    life_credited = life_total(_("avoirs TTC depuis l’origine"))
    life_credited_vat = life_total(_("TVA des avoirs depuis l’origine"))
    closed_at = models.DateTimeField(_("clôturé le"))
    previous = models.OneToOneField(
        "self",
        to_field="hash",
        db_column="previous_hash",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="following",
        verbose_name=_("empreinte précédente"),
    )
    hash = ExactCharField(_("empreinte"), max_length=HASH_LENGTH, unique=True)

    AMOUNTS = ("invoiced", "invoiced_vat", "credited", "credited_vat")

    class Meta:
        verbose_name = _("clôture")
        verbose_name_plural = _("clôtures")
        ordering = ["-start_date", "period"]
        constraints = [
            UniqueConstraint(fields=["period", "start_date"], name="closing_once"),
            CheckConstraint(condition=Q(end_date__gte=F("start_date")), name="closing_ends_after_its_start"),
        ]

    def __str__(self) -> str:
        return f"{self.get_period_display()} {self.start_date}"

    @property
    def balance(self) -> Decimal:
        return self.invoiced - self.credited


class Archive(AppendOnly):
    """The documents and closings of a closed month, as one signed file beside the backups."""

    closing = models.OneToOneField(Closing, on_delete=models.PROTECT, related_name="archive", verbose_name=_("clôture"))
    key = ExactCharField(_("nom"), max_length=120, unique=True)
    sha256 = ExactCharField(_("empreinte"), max_length=HASH_LENGTH)
    size = models.PositiveBigIntegerField(_("octets"))
    # Ed25519 (RFC 8032), in hexadecimal.
    public_key = ExactCharField(_("clé publique"), max_length=64)
    signature = ExactCharField(_("signature"), max_length=128)
    archived_at = models.DateTimeField(_("archivé le"))

    class Meta:
        verbose_name = _("archive")
        verbose_name_plural = _("archives")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.key

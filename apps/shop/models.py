from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import CheckConstraint, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.common.fields import CanonicalEmailField, ExactCharField
from apps.common.models import AppendOnly


class LegalForm(models.TextChoices):
    """Legal forms; the value stands behind the company's name."""

    EI = "EI", _("entreprise individuelle (EI, micro-entreprise)")
    EURL = "EURL", _("EURL")
    SARL = "SARL", _("SARL")
    SASU = "SASU", _("SASU")
    SAS = "SAS", _("SAS")
    SA = "SA", _("SA")
    SNC = "SNC", _("SNC")
    SCOP = "SCOP", _("SCOP")
    ASSOCIATION = "association", _("association")
    OTHER = "", _("autre (à écrire avec le nom)")

    @property
    def has_capital(self) -> bool:
        return self in CAPITAL_COMPANIES


CAPITAL_COMPANIES = {LegalForm.EURL, LegalForm.SARL, LegalForm.SASU, LegalForm.SAS, LegalForm.SA, LegalForm.SNC}


class Shop(models.Model):
    """Who the shop is and how it works: one row, pk 1, of which every version stays in its history.

    Read through `identity.current()`, written by `services.save_shop` and `services.open_shop`.
    """

    # MySQL takes no check constraint on a column that counts by itself.
    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    # Times in nanoseconds: a number that was rolled back never returns. 0: nothing was ever saved.
    version = models.PositiveBigIntegerField(default=0, editable=False)
    # The terms of sale in force: the newest `TermsText`; empty while none was published.
    terms_version = ExactCharField(max_length=20, blank=True, editable=False)
    opened_at = models.DateTimeField(_("ouverte le"), null=True, blank=True, editable=False)

    name = models.CharField(_("nom de la boutique"), max_length=80, blank=True)
    company = models.CharField(_("nom de l’entreprise"), max_length=120, blank=True)
    legal_form = models.CharField(_("forme juridique"), max_length=12, blank=True, choices=LegalForm)
    capital = models.CharField(_("capital social"), max_length=40, blank=True)
    registration = models.CharField(_("immatriculation"), max_length=80, blank=True)
    siret = ExactCharField(_("SIRET"), max_length=14, blank=True)
    vat_number = ExactCharField(_("numéro de TVA"), max_length=13, blank=True)
    vat_franchise = models.BooleanField(_("franchise en base de TVA"), default=False)
    publisher = models.CharField(_("directeur de la publication"), max_length=120, blank=True)
    street = models.CharField(_("rue et numéro"), max_length=120, blank=True)
    postcode = models.CharField(_("code postal"), max_length=10, blank=True)
    city = models.CharField(_("ville"), max_length=80, blank=True)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    email = CanonicalEmailField(_("adresse e-mail"), blank=True)
    sender = CanonicalEmailField(_("expéditeur des e-mails"), blank=True)

    iban = ExactCharField(_("IBAN"), max_length=34, blank=True)
    bic = ExactCharField(_("BIC"), max_length=11, blank=True)
    card_hold_minutes = models.PositiveSmallIntegerField(
        _("réservation, paiement par carte (minutes)"),
        default=30,
        validators=[MinValueValidator(10), MaxValueValidator(240)],
    )
    transfer_hold_days = models.PositiveSmallIntegerField(
        _("réservation, virement (jours)"), default=7, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )

    order_prefix = ExactCharField(
        _("début des numéros de commande"),
        max_length=4,
        default="WM",
        validators=[RegexValidator(r"^[A-Z]{2,4}\Z", _("De deux à quatre lettres majuscules, sans accent."))],
    )
    # Separated by spaces: numbers that begin with them are still found.
    former_prefixes = ExactCharField(max_length=200, blank=True, editable=False)
    cutoff = models.TimeField(_("heure limite d’expédition"), default="14:00")
    # Digits, 0 for Monday.
    working_days = ExactCharField(_("jours ouvrés"), max_length=7, default="01234")
    # A list for each day from Monday, of spans ["09:00", "12:30"].
    hours = models.JSONField(_("horaires d’ouverture"), default=list, blank=True)
    # [first date, last date, reason]
    closures = models.JSONField(_("fermetures"), default=list, blank=True)

    offers_english = models.BooleanField(_("pages en anglais"), default=True)
    # The folder of the shop's picture in media storage.
    icons = ExactCharField(max_length=60, blank=True, editable=False)
    accent = ExactCharField(_("couleur des boutons et des liens"), max_length=7, blank=True)

    host = models.CharField(_("hébergeur du site"), max_length=250, blank=True)
    mediator = models.CharField(_("médiateur de la consommation"), max_length=250, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("boutique")
        verbose_name_plural = _("la boutique")
        default_permissions = ("view", "change")
        constraints = [CheckConstraint(condition=Q(pk=1), name="shop_is_one_row")]

    def __str__(self) -> str:
        return self.name or str(self._meta.verbose_name_plural)


class TermsText(AppendOnly):
    """Terms of sale as they were published, word for word: orders name the version that they accepted."""

    version = ExactCharField(_("version"), max_length=20, unique=True)
    text_fr = models.TextField(_("texte"))
    text_en = models.TextField(_("texte (anglais)"))
    published_at = models.DateTimeField(_("publié le"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("publié par")
    )

    class Meta:
        verbose_name = _("conditions de vente")
        verbose_name_plural = _("conditions de vente")
        ordering = ["-published_at", "-pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.version

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.common.fields import CanonicalEmailField, ExactCharField, ExactSlugField
from apps.common.models import AppendOnly, Timestamped
from apps.common.translation import Translated
from apps.prospects.fields import MAX_TEXT
from apps.prospects.querysets import ProspectQuerySet, StageQuerySet


class Stage(models.Model):
    """A column of the board. Staff rename, reorder and add them; `code` is its identifier in programs."""

    class Outcome(models.TextChoices):
        OPEN = "OPEN", _("en cours")
        WON = "WON", _("gagné")
        LOST = "LOST", _("perdu")

    class Colour(models.TextChoices):
        """A palette, so that pages can colour a column by a class; the values are what programs are given."""

        SLATE = "#5a665f", _("ardoise")
        SEA = "#2f6f8f", _("mer")
        PLUM = "#6a5aa8", _("prune")
        HONEY = "#a8641a", _("miel")
        LEAF = "#256b4c", _("feuille")
        FOREST = "#1f563e", _("forêt")
        TOMATO = "#b9381f", _("tomate")
        ROSE = "#a03a6b", _("rose")

    code = ExactSlugField(_("code"), max_length=30, unique=True)
    name_fr = models.CharField(_("nom"), max_length=60)
    name_en = models.CharField(_("nom anglais"), max_length=60, blank=True)
    name = Translated()
    position = models.PositiveSmallIntegerField(_("ordre"), default=0)
    colour = models.CharField(_("couleur"), max_length=7, choices=Colour.choices, default=Colour.LEAF)
    wip_limit = models.PositiveIntegerField(
        _("nombre de cartes conseillé"),
        null=True,
        blank=True,
        help_text=_(
            "Au-delà, la colonne le signale et le tableau demande une confirmation avant d’y déplacer une carte. "
            "Vide : sans limite."
        ),
    )
    cold_after_days = models.PositiveSmallIntegerField(
        _("froid après (jours)"),
        null=True,
        blank=True,
        help_text=_("Une carte restée plus longtemps dans la colonne est signalée comme froide. Vide : jamais."),
    )
    asks_reason = models.BooleanField(
        _("demande un motif"), default=False, help_text=_("Le motif est gardé dans l’historique de la carte.")
    )
    is_hidden = models.BooleanField(
        _("masquée"),
        default=False,
        db_default=False,
        help_text=_("Une colonne masquée quitte le tableau ; l’historique des cartes continue de la nommer."),
    )
    outcome = models.CharField(_("issue"), max_length=4, choices=Outcome.choices, default=Outcome.OPEN)

    objects = StageQuerySet.as_manager()

    class Meta:
        verbose_name = _("étape")
        verbose_name_plural = _("étapes")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def tone(self) -> str:
        """The colour's name in style sheets."""
        return self.Colour(self.colour).name.lower() if self.colour in self.Colour.values else "slate"

    def is_full(self, count: int) -> bool:
        return self.wip_limit is not None and count >= self.wip_limit


class Prospect(Timestamped):
    """Somebody who may become a customer, and their card.

    `rank` orders the cards of a column, lowest on top. `version` grows with every change: optimistic locking.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    first_name = models.CharField(_("prénom"), max_length=80)
    last_name = models.CharField(_("nom"), max_length=80)
    email = CanonicalEmailField(_("adresse e-mail"), max_length=254)
    email_key = ExactCharField(max_length=254, editable=False)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    phone_key = ExactCharField(max_length=20, blank=True, editable=False)
    company = models.CharField(_("société"), max_length=120, blank=True)
    message = models.TextField(_("message"), blank=True)
    source = ExactCharField(_("origine"), max_length=80, blank=True)
    verified = models.BooleanField(_("vérifié"), default=False, editable=False)

    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="prospects", verbose_name=_("étape"))
    stage_since = models.DateTimeField(_("dans l’étape depuis"), editable=False)
    rank = models.BigIntegerField(editable=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="prospects",
        verbose_name=_("suivi par"),
    )
    next_action = models.CharField(_("prochaine action"), max_length=200, blank=True)
    next_action_date = models.DateField(_("date de la prochaine action"), null=True, blank=True)
    assigned_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("compte client"),
    )

    # Proof of consent (RGPD art. 7 § 1): which text, when, from where.
    consent_version = ExactCharField(_("texte accepté"), max_length=20, blank=True, editable=False)
    consent_at = models.DateTimeField(_("accepté le"), null=True, editable=False)
    consent_address = models.CharField(_("accepté depuis"), max_length=45, blank=True, editable=False)

    # Stored for three years after the last contact, then notified of, then anonymised (retention.py).
    last_contact_at = models.DateTimeField(_("dernier contact"), default=timezone.now, editable=False)
    warned_at = models.DateTimeField(null=True, editable=False)
    anonymised_at = models.DateTimeField(_("anonymisé le"), null=True, editable=False)

    # A card that was merged into another is deleted too, so that no list shows it, and neither purged nor restored.
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="merged_cards"
    )
    deleted_at = models.DateTimeField(_("supprimé le"), null=True, editable=False)
    # Written by releases that answered repeats from the card itself; the API stores responses now.
    request_key = ExactCharField(max_length=64, null=True, unique=True, editable=False)
    request_hash = ExactCharField(max_length=64, blank=True, editable=False, db_column="request_digest")

    objects = ProspectQuerySet.as_manager()

    class Meta:
        verbose_name = _("prospect")
        verbose_name_plural = _("prospects")
        indexes = [
            models.Index(fields=["deleted_at", "created_at", "id"], name="prospect_newest"),
            models.Index(fields=["stage", "deleted_at", "created_at", "id"], name="prospect_stage_newest"),
            models.Index(fields=["stage", "deleted_at", "rank", "id"], name="prospect_board"),
            models.Index(fields=["email"], name="prospect_email"),
            models.Index(fields=["email_key"], name="prospect_email_key"),
            models.Index(fields=["phone_key"], name="prospect_phone_key"),
            models.Index(fields=["deleted_at", "last_contact_at", "id"], name="prospect_retention"),
            models.Index(fields=["assignee", "deleted_at", "next_action_date", "id"], name="prospect_due"),
            models.Index(fields=["deleted_at", "source"], name="prospect_source"),
            models.Index(fields=["deleted_at", "stage"], name="prospect_counts"),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @classmethod
    def longest(cls, name: str) -> int:
        """How many characters a field of text takes."""
        return getattr(cls._meta.get_field(name), "max_length", None) or MAX_TEXT


class ProspectEvent(AppendOnly):
    """One line of a card's history, written in the transaction of the change."""

    class Kind(models.TextChoices):
        CREATED = "CREATED", _("créé")
        CHANGED = "CHANGED", _("modifié")
        MOVED = "MOVED", _("déplacé")
        DELETED = "DELETED", _("supprimé")
        RESTORED = "RESTORED", _("rétabli")
        NOTED = "NOTED", _("note")
        FILED = "FILED", _("fichier ajouté")
        UNFILED = "UNFILED", _("fichier supprimé")
        MERGED = "MERGED", _("fusionné")
        UNMERGED = "UNMERGED", _("fusion annulée")
        CONVERTED = "CONVERTED", _("devenu client")
        WARNED = "WARNED", _("fin de conservation annoncée")
        ANONYMISED = "ANONYMISED", _("anonymisé")

    prospect = models.ForeignKey(Prospect, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(_("évènement"), max_length=10, choices=Kind.choices)
    at = models.DateTimeField(_("le"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("par")
    )
    by_name = models.CharField(_("par"), max_length=120, blank=True)
    from_stage = models.ForeignKey(Stage, on_delete=models.PROTECT, null=True, related_name="+")
    to_stage = models.ForeignKey(Stage, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("motif"), max_length=300, blank=True)
    changes = models.JSONField(_("changements"), default=dict)

    class Meta:
        verbose_name = _("évènement")
        verbose_name_plural = _("évènements")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.get_kind_display()

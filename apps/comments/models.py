from django.conf import settings
from django.db import models
from django.db.models import Case, CheckConstraint, F, Q, UniqueConstraint, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.comments.querysets import CommentQuerySet
from apps.common.fields import CanonicalEmailField, ExactCharField
from apps.common.models import Timestamped

# A DynamoDB key has at most 2048 bytes, a character at most four of them.
MAX_SECTION = 512
MAX_TEXT = 5000
MAX_RATING = 5


class Comment(Timestamped):
    """A comment on a section of a site (« produit-12 », « page-accueil », a page's URL). Plain text."""

    class Status(models.TextChoices):
        PENDING = "PENDING", _("à modérer")
        PUBLISHED = "PUBLISHED", _("publié")
        REJECTED = "REJECTED", _("refusé")

    section_id = ExactCharField(_("section"), max_length=MAX_SECTION)
    author = models.CharField(_("auteur"), max_length=80)
    text = models.TextField(_("texte"), max_length=MAX_TEXT)
    parent = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="replies",
        verbose_name=_("réponse à"),
    )
    # `section_id` of comments that are no replies: an index of threads alone. With an index on two columns MySQL
    # sometimes reads all the replies that are newer than the last thread.
    thread_section = models.GeneratedField(
        expression=Case(When(parent__isnull=True, then=F("section_id"))),
        output_field=ExactCharField(max_length=MAX_SECTION, null=True),
        db_persist=True,
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="comments",
        verbose_name=_("compte"),
    )
    status = models.CharField(_("état"), max_length=10, choices=Status.choices, default=Status.PENDING, editable=False)
    first_status = models.CharField(max_length=10, choices=Status.choices, editable=False)
    reason = models.CharField(_("motif"), max_length=300, blank=True)
    moderated_at = models.DateTimeField(_("modéré le"), null=True, editable=False)
    moderated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("modéré par"),
    )
    by_team = models.BooleanField(_("de l’équipe"), default=False, editable=False)
    # Used only to notify the author of the moderators' decision; never shown.
    email = CanonicalEmailField(_("adresse e-mail"), blank=True, editable=False)
    language = models.CharField(max_length=5, default="fr", editable=False)
    edited_at = models.DateTimeField(_("modifié par son auteur le"), null=True, editable=False)
    # Withdrawn by its author after others had replied: the row stays, without author and text.
    withdrawn_at = models.DateTimeField(_("retiré par son auteur le"), null=True, editable=False)
    open_reports = models.PositiveSmallIntegerField(_("signalements"), default=0, editable=False)
    # A rating is always a buyer's: the date of purchase, and keyed hashes of the buyer's account and e-mail.
    rating = models.PositiveSmallIntegerField(_("note"), null=True, editable=False)
    bought_on = models.DateField(_("acheté le"), null=True, editable=False)
    buyer_account = ExactCharField(max_length=64, null=True, editable=False)
    buyer_email = ExactCharField(max_length=64, null=True, editable=False)
    request_key = ExactCharField(max_length=64, null=True, unique=True, editable=False)
    request_hash = ExactCharField(max_length=64, blank=True, editable=False, db_column="request_digest")

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("commentaire")
        verbose_name_plural = _("commentaires")
        indexes = [
            models.Index(fields=["section_id", "status", "created_at", "id"], name="comment_section_newest"),
            models.Index(fields=["status", "open_reports", "created_at", "id"], name="comment_waiting"),
            models.Index(fields=["thread_section", "status", "created_at", "id"], name="comment_threads_newest"),
            models.Index(fields=["open_reports", "created_at"], name="comment_reported"),
            models.Index(fields=["email"], name="comment_email"),
        ]
        constraints = [
            CheckConstraint(
                condition=Q(rating=None) | Q(rating__gte=1, rating__lte=MAX_RATING, bought_on__isnull=False),
                name="comment_rating_is_a_buyers",
            ),
            UniqueConstraint(fields=["section_id", "buyer_account"], name="comment_one_rating_per_account"),
            UniqueConstraint(fields=["section_id", "buyer_email"], name="comment_one_rating_per_email"),
        ]

    def __str__(self) -> str:
        return f"{self.author} : {self.text[:60]}"


class Report(models.Model):
    """Somebody asks that a comment be looked at; one per person and comment."""

    class Reason(models.TextChoices):
        SPAM = "SPAM", _("publicité ou message indésirable")
        OFFENSIVE = "OFFENSIVE", _("injure, haine ou harcèlement")
        FALSE = "FALSE", _("faux avis ou information trompeuse")
        PRIVATE = "PRIVATE", _("données personnelles")
        OTHER = "OTHER", _("autre raison")

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="reports")
    reason = models.CharField(_("raison"), max_length=10, choices=Reason)
    note = models.CharField(_("précision"), max_length=300, blank=True)
    # Keyed hash of the account or IP: distinguishes persons without identifying them.
    reporter = ExactCharField(max_length=64, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("compte")
    )
    created_at = models.DateTimeField(_("le"), default=timezone.now)

    class Meta:
        verbose_name = _("signalement")
        verbose_name_plural = _("signalements")
        constraints = [UniqueConstraint(fields=["comment", "reporter"], name="report_once_per_person")]

    def __str__(self) -> str:
        return self.get_reason_display()


class ReviewInvitation(models.Model):
    """The buyer of this order was invited to review it."""

    order = models.OneToOneField("orders.Order", on_delete=models.CASCADE, primary_key=True, related_name="+")
    created_at = models.DateTimeField(_("le"), default=timezone.now)

    def __str__(self) -> str:
        return str(self.order_id)


class ReviewObjection(models.Model):
    """Somebody objected to invitations (GDPR article 21): `purchases.email_hash` of their e-mail, stored for ever."""

    email_hash = ExactCharField(max_length=64, primary_key=True, db_column="digest")
    created_at = models.DateTimeField(_("le"), default=timezone.now)

    def __str__(self) -> str:
        return self.email_hash[:8]

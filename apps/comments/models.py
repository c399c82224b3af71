from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.comments.querysets import CommentQuerySet
from apps.common.models import Timestamped

MAX_TEXT = 5000


class Comment(Timestamped):
    """What somebody wrote about a section of a site (« produit-tasse-bleue », a page's address). Plain text."""

    class Status(models.TextChoices):
        PENDING = "PENDING", _("à modérer")
        PUBLISHED = "PUBLISHED", _("publié")
        REJECTED = "REJECTED", _("refusé")

    section_id = models.CharField(_("section"), max_length=120)
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
    request_key = models.CharField(max_length=64, null=True, unique=True, editable=False)
    request_digest = models.CharField(max_length=64, blank=True, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("commentaire")
        verbose_name_plural = _("commentaires")
        indexes = [
            models.Index(fields=["section_id", "status", "created_at", "id"], name="comment_section_newest"),
            models.Index(fields=["status", "created_at", "id"], name="comment_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.author} : {self.text[:60]}"

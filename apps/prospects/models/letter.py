from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.fields import ExactCharField


class Letter(models.Model):
    """An e-mail owed to somebody of the team, written with the change it tells of. One `key`, one e-mail.

    The words are forgotten once sent: they speak of people whom the shop may have to forget.
    """

    key = ExactCharField(max_length=80, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    created_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("message à l’équipe")
        verbose_name_plural = _("messages à l’équipe")

    def __str__(self) -> str:
        return self.key


class DigestChoice(models.Model):
    """Whether somebody of the team wants the daily summary of their prospects; without a row they do."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="prospect_digest")
    is_wanted = models.BooleanField(_("recevoir le récapitulatif du matin"), default=True)

    class Meta:
        verbose_name = _("choix du récapitulatif")
        verbose_name_plural = _("choix du récapitulatif")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.is_wanted}"

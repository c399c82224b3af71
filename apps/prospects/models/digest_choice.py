from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class DigestChoice(models.Model):
    """Whether somebody of the team wants the daily summary of their prospects; without a row they do."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="prospect_digest")
    is_wanted = models.BooleanField(_("recevoir le récapitulatif du matin"), default=True)

    class Meta:
        verbose_name = _("choix du récapitulatif")
        verbose_name_plural = _("choix du récapitulatif")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.is_wanted}"

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.fields import ExactCharField


class FormerTeamEmail(models.Model):
    """A pending e-mail to a colleague as the release before the outbox writes it; `former_outbox` sends it.

    Subject and text are cleared after sending: they hold personal data.
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
        db_table = "prospects_letter"

    def __str__(self) -> str:
        return self.key

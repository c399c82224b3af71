from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from apps.common.fields import ExactCharField, Folded
from apps.common.money import ZERO, MoneyField, format_euros

if TYPE_CHECKING:
    from apps.accounts.models import User


class DailySales(models.Model):
    """Sales of one day (Europe/Paris), rolled up so that the dashboard counts no orders.

    Orders count on the day they were placed, once confirmed, and stop counting when cancelled.
    """

    date = models.DateField(_("jour"), unique=True)
    orders = models.PositiveIntegerField(_("commandes"), default=0)
    pieces = models.PositiveIntegerField(_("pièces"), default=0)
    revenue = MoneyField(_("chiffre d’affaires TTC"), default=ZERO)
    vat = MoneyField(_("dont TVA"), default=ZERO)
    rolled_up_at = models.DateTimeField(_("calculé le"))

    class Meta:
        verbose_name = _("ventes du jour")
        verbose_name_plural = _("ventes par jour")
        ordering = ["-date"]

    def __str__(self) -> str:
        return f"{date_format(self.date, 'SHORT_DATE_FORMAT')} : {format_euros(self.revenue)}"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def seen_by(self, user: "User") -> "SavedViewQuerySet":
        """One's own and those that somebody shares, by name."""
        return self.filter(Q(owner=user) | Q(is_shared=True)).select_related("owner").order_by(Folded("name"), "pk")


class SavedView(models.Model):
    """Filters of the board of prospects under a name, of one colleague or shared with the team."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="board_views")
    name = ExactCharField(_("nom"), max_length=60)
    query = ExactCharField(_("filtres"), max_length=500, blank=True, db_column="address")
    is_shared = models.BooleanField(_("partagée avec l’équipe"), default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("vue du tableau")
        verbose_name_plural = _("vues du tableau")
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="saved_view_once_by_owner")]

    def __str__(self) -> str:
        return self.name

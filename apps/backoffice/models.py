from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.money import MoneyField


class DailySales(models.Model):
    """What one day (Europe/Paris) sold, rolled up so that the dashboard never counts orders.

    Orders count on the day they were placed, once confirmed, and stop counting when cancelled.
    """

    date = models.DateField(_("jour"), unique=True)
    orders = models.PositiveIntegerField(_("commandes"), default=0)
    pieces = models.PositiveIntegerField(_("pièces"), default=0)
    revenue = MoneyField(_("chiffre d’affaires TTC"), default=0)
    vat = MoneyField(_("dont TVA"), default=0)
    rolled_up_at = models.DateTimeField(_("calculé le"))

    class Meta:
        verbose_name = _("ventes du jour")
        verbose_name_plural = _("ventes par jour")
        ordering = ["-date"]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} : {self.revenue} €"

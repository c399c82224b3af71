from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.fields import ExactCharField
from apps.orders.models.order import Order

MAX_TEXT = 2000


class OrderSearch(models.Model):
    """What staff find an order by, folded, in one narrow row: number, people, address, tracking, total, products.

    Nothing on a purchase's way writes it (`orders.services.search`).
    """

    order = models.OneToOneField(Order, on_delete=models.CASCADE, primary_key=True, related_name="searchable")
    folded_text = ExactCharField(max_length=MAX_TEXT, editable=False)

    class Meta:
        verbose_name = _("mots d’une commande")
        verbose_name_plural = _("mots des commandes")

    def __str__(self) -> str:
        return str(self.order_id)

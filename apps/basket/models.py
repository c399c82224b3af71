import uuid

from django.conf import settings
from django.db import models
from django.db.models import Case, CheckConstraint, F, Q, UniqueConstraint, When
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import PostalAddress
from apps.basket.querysets import BasketQuerySet
from apps.common.fields import CanonicalEmailField, ExactCharField
from apps.common.models import Timestamped
from apps.common.money import MoneyField

MAX_QUANTITY = 999


class Basket(Timestamped):
    """What a shopper wants to buy. A visitor's is found by the `key` in a cookie, a customer's by the account.

    A basket becomes at most one order: `key` is copied to the order, where it is unique.
    """

    class Status(models.TextChoices):
        OPEN = "OPEN", _("en cours")
        MERGED = "MERGED", _("réuni à un autre")
        ORDERED = "ORDERED", _("commandé")

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="baskets"
    )
    status = models.CharField(_("état"), max_length=8, choices=Status, default=Status.OPEN)

    objects = BasketQuerySet.as_manager()

    # A sentence for the shopper when a service could not do all that was asked; not stored.
    notice = ""

    class Meta:
        verbose_name = _("panier")
        verbose_name_plural = _("paniers")
        indexes = [models.Index(fields=["status", "updated_at"], name="basket_status_updated")]
        constraints = [
            # One open basket per account, as a functional index: MySQL has no partial ones.
            UniqueConstraint(Case(When(status="OPEN", then=F("user"))), name="basket_one_open_per_user"),
        ]

    def __str__(self) -> str:
        return str(self.key)


class BasketLine(models.Model):
    basket = models.ForeignKey(Basket, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey("catalogue.Variant", on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField(_("quantité"))
    # The price when the shopper last saw the line: the basket page announces a different one.
    price_seen = MoneyField(_("prix vu"))

    class Meta:
        verbose_name = _("ligne du panier")
        verbose_name_plural = _("lignes du panier")
        ordering = ["pk"]
        constraints = [
            UniqueConstraint(fields=["basket", "variant"], name="basket_line_variant_unique"),
            CheckConstraint(
                condition=Q(quantity__gte=1) & Q(quantity__lte=MAX_QUANTITY), name="basket_line_quantity_in_bounds"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} × {self.quantity}"


class CheckoutDetails(PostalAddress):
    """What the shopper has typed in the checkout so far, stored so that going back loses nothing."""

    basket = models.OneToOneField(Basket, on_delete=models.CASCADE, related_name="details", primary_key=True)
    email = CanonicalEmailField(_("adresse e-mail"))
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    delivery_method = ExactCharField(_("mode de livraison"), max_length=40)
    pickup_point = ExactCharField(_("point relais"), max_length=40, blank=True)
    payment_method = ExactCharField(_("moyen de paiement"), max_length=40)

    class Meta:
        verbose_name = _("coordonnées de commande")
        verbose_name_plural = _("coordonnées de commande")

    def __str__(self) -> str:
        return self.email

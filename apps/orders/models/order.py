import secrets

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import PostalAddress
from apps.catalogue.models.withdrawal import HasWithdrawal
from apps.common.fields import CanonicalEmailField, ExactCharField
from apps.common.money import MoneyField, VatAmount, vat_per_rate
from apps.delivery.kinds import Destination, destination_of
from apps.delivery.services import Delay
from apps.orders.querysets import OrderQuerySet
from apps.shop.identity import current

# Crockford's base 32: without I, L, O and U, which are misread.
NUMBER_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_number() -> str:
    """« WM-7K3Q-9F2M »: the shop's prefix and 40 random bits, for people; not a secret, no access to the order."""
    characters = [secrets.choice(NUMBER_ALPHABET) for _ in range(8)]
    return f"{current().order_prefix}-{''.join(characters[:4])}-{''.join(characters[4:])}"


def new_access_token() -> str:
    """128 random bits: the secret in the link that gives access to the order."""
    return secrets.token_urlsafe(16)


class Order(PostalAddress):
    """A contract of sale, with a copy of all that was agreed: it does not change when a product does."""

    class Status(models.TextChoices):
        AWAITING_PAYMENT = "AWAITING_PAYMENT", _("en attente de paiement")
        CONFIRMED = "CONFIRMED", _("confirmée")
        PREPARING = "PREPARING", _("en préparation")
        READY = "READY", _("prête à retirer")
        SHIPPED = "SHIPPED", _("expédiée")
        DELIVERED = "DELIVERED", _("remise")
        CANCELLED = "CANCELLED", _("annulée")
        EXPIRED = "EXPIRED", _("expirée")

    # All allowed transitions.
    TRANSITIONS = {
        Status.AWAITING_PAYMENT: {Status.CONFIRMED, Status.CANCELLED, Status.EXPIRED},
        Status.CONFIRMED: {Status.PREPARING, Status.CANCELLED},
        Status.PREPARING: {Status.READY, Status.SHIPPED, Status.CANCELLED},
        Status.READY: {Status.DELIVERED, Status.CANCELLED},
        Status.SHIPPED: {Status.DELIVERED},
        Status.DELIVERED: set(),
        Status.CANCELLED: set(),
        # A late payment, while the stock was still there.
        Status.EXPIRED: {Status.CONFIRMED},
    }

    CERTAIN = (Status.CONFIRMED, Status.PREPARING, Status.READY, Status.SHIPPED, Status.DELIVERED)

    number = ExactCharField(_("numéro"), max_length=20, unique=True, default=new_number, editable=False)
    access_token = ExactCharField(max_length=32, unique=True, default=new_access_token, editable=False)
    basket_key = models.UUIDField(unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="orders"
    )
    status = models.CharField(_("état"), max_length=16, choices=Status, default=Status.AWAITING_PAYMENT)
    language = models.CharField(_("langue"), max_length=5, default="fr")
    email = CanonicalEmailField(_("adresse e-mail"))
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)

    items_total = MoneyField(_("total des lignes"))
    delivery_total = MoneyField(_("livraison"))
    total = MoneyField(_("total TTC"))
    vat_total = MoneyField(_("dont TVA"))

    delivery_method = ExactCharField(_("mode de livraison"), max_length=40)
    delivery_kind = models.CharField(_("type de livraison"), max_length=14)
    delivery_name = models.CharField(_("nom du mode de livraison"), max_length=80)
    pickup_point = models.CharField(_("point relais"), max_length=250, blank=True)
    collection_hours = models.CharField(_("horaires de retrait"), max_length=200, blank=True, default="", db_default="")
    delivery_from_date = models.DateField(_("livraison au plus tôt"), null=True, blank=True)
    delivery_to_date = models.DateField(_("livraison au plus tard"), null=True, blank=True)
    payment_method = ExactCharField(_("moyen de paiement"), max_length=40)

    terms_version = ExactCharField(_("version des CGV"), max_length=20)
    terms_accepted_at = models.DateTimeField(_("CGV acceptées le"))
    placed_at = models.DateTimeField(_("passée le"))
    hold_expires_at = models.DateTimeField(_("réservation jusqu’au"), null=True, blank=True)
    paid_at = models.DateTimeField(_("payée le"), null=True, blank=True)
    shipped_at = models.DateTimeField(_("expédiée le"), null=True, blank=True)
    closed_at = models.DateTimeField(_("close le"), null=True, blank=True)
    tracking_number = models.CharField(_("numéro de suivi"), max_length=80, blank=True)
    tracking_url = models.URLField(_("adresse de suivi"), max_length=300, blank=True)
    anonymised_at = models.DateTimeField(_("anonymisée le"), null=True, blank=True, editable=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("commande")
        verbose_name_plural = _("commandes")
        ordering = ["-placed_at", "-pk"]
        indexes = [
            models.Index(fields=["status", "hold_expires_at"], name="order_status_hold"),
            models.Index(fields=["placed_at"], name="order_placed"),
            models.Index(fields=["email"], name="order_email"),
        ]
        constraints = [
            # Rounded because SQLite computes with binary floats.
            CheckConstraint(
                condition=Q(total=Round(F("items_total") + F("delivery_total"), precision=2)),
                name="order_total_is_items_and_delivery",
            ),
            CheckConstraint(condition=Q(vat_total__lte=F("total")), name="order_vat_lte_total"),
        ]

    def __str__(self) -> str:
        return self.number

    def vat_breakdown(self) -> list[VatAmount]:
        """VAT per rate, highest first. Queries the lines unless they are prefetched."""
        lines = [(line.vat_rate, line.total, line.vat_amount) for line in self.lines.all()]
        return vat_per_rate(lines, delivery=self.delivery_total)

    @property
    def delay(self) -> Delay | None:
        """The delay promised at the time of the order, in working days; None when no dates were promised."""
        if self.delivery_from_date is None or self.delivery_to_date is None:
            return None
        return Delay.promised(
            ordered_at=self.placed_at, earliest_date=self.delivery_from_date, latest_date=self.delivery_to_date
        )

    @property
    def destination(self) -> Destination:
        return destination_of(self.delivery_kind)

    @property
    def after_a_transfer(self) -> str:
        """The delay as a sentence without full stop, counted from money still to come; empty without a promise."""
        return self.delay.after_a_transfer(self.delivery_kind) if self.delay else ""

    @property
    def is_certain(self) -> bool:
        """Whether the sale is final: paid, or to be paid on collection."""
        return self.status in self.CERTAIN

    @property
    def may_still_stand(self) -> bool:
        """Whether a payment now would confirm it, if its stock is there."""
        return self.can_become(self.Status.CONFIRMED)

    def can_become(self, status: str) -> bool:
        return status in self.TRANSITIONS[self.Status(self.status)]


class OrderLine(HasWithdrawal):
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField(_("ordre"))
    variant = models.ForeignKey("catalogue.Variant", on_delete=models.SET_NULL, null=True, related_name="+")
    product_name = models.CharField(_("produit"), max_length=200)
    variant_label = models.CharField(_("modèle"), max_length=250, blank=True)
    sku = ExactCharField(_("référence"), max_length=80)
    ean13 = ExactCharField(_("code-barres"), max_length=13, blank=True)
    quantity = models.PositiveIntegerField(_("quantité"))
    unit_price = MoneyField(_("prix unitaire TTC"))
    reference_price = MoneyField(_("prix de référence"), null=True, blank=True)
    total = MoneyField(_("total TTC"))
    vat_rate = models.DecimalField(_("taux de TVA"), max_digits=4, decimal_places=1)
    vat_amount = MoneyField(_("dont TVA"))

    class Meta:
        verbose_name = _("ligne")
        verbose_name_plural = _("lignes")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position_unique"),
            CheckConstraint(condition=Q(quantity__gt=0), name="order_line_quantity_positive"),
            CheckConstraint(
                condition=Q(total=Round(F("unit_price") * F("quantity"), precision=2)),
                name="order_line_total_is_product",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_name} × {self.quantity}"

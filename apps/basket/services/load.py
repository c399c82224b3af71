"""Reads a basket for pages: all about its lines in three queries, for one line or for fifty."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from apps.basket.models import Basket, BasketLine
from apps.basket.services.lines import NEEDED, available, is_for_sale
from apps.catalogue.models import Product, ProductImage, Variant
from apps.catalogue.models.category import IS_HIDDEN
from apps.catalogue.models.product import VAT_RATES, VatClass
from apps.catalogue.services.stock import Shortage, full_name
from apps.common.money import ZERO, format_euros
from apps.common.prepared import Prepared
from apps.delivery.services import missing_for_free_delivery
from apps.shop.identity import current

NO_VAT = Decimal("0.0")


@dataclass(frozen=True)
class LoadedLine:
    line: BasketLine
    variant: Variant
    product: Product
    image: ProductImage | None
    is_hidden: bool
    """Its rayon is, by itself or with one above it."""
    charges_vat: bool = True

    @property
    def id(self) -> int:
        return self.line.pk

    @property
    def sku(self) -> str:
        return self.variant.sku

    @property
    def name(self) -> str:
        return self.product.name

    @property
    def label(self) -> str:
        return self.variant.label

    @property
    def full_name(self) -> str:
        return full_name(self.variant)

    @property
    def quantity(self) -> int:
        return self.line.quantity

    @property
    def unit_price(self) -> Decimal:
        return self.variant.price

    @property
    def total(self) -> Decimal:
        return self.variant.price * self.line.quantity

    @property
    def vat_rate(self) -> Decimal:
        """0 in a shop that charges no VAT (art. 293 B CGI): whoever invoices any owes it (art. 283-3)."""
        return VAT_RATES[VatClass(self.product.vat_class)] if self.charges_vat else NO_VAT

    @property
    def withdrawal_exception(self) -> str:
        return self.product.withdrawal_exception

    @property
    def withdrawal_notice(self) -> str:
        return self.product.withdrawal_notice

    @property
    def price_seen(self) -> Decimal:
        return self.line.price_seen

    @property
    def price_changed(self) -> bool:
        return self.line.price_seen != self.variant.price

    @property
    def for_sale(self) -> bool:
        return is_for_sale(self.variant, is_hidden=self.is_hidden)

    @property
    def available(self) -> int:
        return available(self.variant) if self.for_sale else 0

    @property
    def shortage(self) -> Shortage | None:
        if self.available >= self.quantity:
            return None
        return Shortage(
            variant_id=self.variant.pk,
            sku=self.sku,
            name=self.full_name,
            wanted=self.quantity,
            available=self.available,
        )


@dataclass(frozen=True)
class LoadedBasket:
    basket: Basket
    lines: tuple[LoadedLine, ...]
    # Euros to add for a free delivery: zero when reached, None when the shop offers none.
    missing_for_free_delivery: Decimal | None

    @property
    def is_empty(self) -> bool:
        return not self.lines

    @cached_property
    def items_total(self) -> Decimal:
        return sum((line.total for line in self.lines), ZERO)

    @cached_property
    def weight_g(self) -> int:
        return sum(line.variant.weight_g * line.quantity for line in self.lines)

    @cached_property
    def count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @cached_property
    def shortages(self) -> tuple[Shortage, ...]:
        return tuple(line.shortage for line in self.lines if line.shortage)

    @property
    def orderable(self) -> bool:
        return bool(self.lines) and not self.shortages

    @property
    def free_delivery_percent(self) -> int | None:
        """Progress towards free delivery, 0 to 100; None when the shop offers none."""
        if self.missing_for_free_delivery is None:
            return None
        if not self.missing_for_free_delivery:
            return 100
        return int(self.items_total * 100 / (self.items_total + self.missing_for_free_delivery))

    @cached_property
    def announcements(self) -> tuple[str, ...]:
        """Price changes since the shopper last saw the lines, and shortages, as complete sentences."""
        return tuple(
            [_price_changed(line) for line in self.lines if line.price_changed]
            + [shortage.message for shortage in self.shortages]
        )


_LINES = Prepared(
    lambda basket: (
        BasketLine.objects.filter(basket=basket)
        .select_related("variant__product__category", "variant__stock")
        .only("basket_id", "quantity", "price_seen", *NEEDED)
        .annotate(is_hidden=IS_HIDDEN)
        .order_by("pk")
    )
)


def load(basket: Basket, *, pictures: bool = True) -> LoadedBasket:
    """Three queries, or one without pictures and free-delivery progress (which placing an order does not need)."""
    lines = _LINES.instances(basket.pk)
    if pictures:
        ready = ProductImage.objects.filter(state=ProductImage.State.READY).exclude(file="").order_by("position", "pk")
        prefetch_related_objects(lines, Prefetch("variant__product__images", queryset=ready))
    charges_vat = not current().vat_franchise
    loaded = tuple(
        LoadedLine(
            line=line,
            variant=line.variant,
            product=line.variant.product,
            image=_picture(line.variant) if pictures else None,
            is_hidden=line.is_hidden,
            charges_vat=charges_vat,
        )
        for line in lines
    )
    total = sum((line.total for line in loaded), ZERO)
    return LoadedBasket(
        basket=basket,
        lines=loaded,
        missing_for_free_delivery=missing_for_free_delivery(total) if pictures else None,
    )


def _picture(variant: Variant) -> ProductImage | None:
    images = list(variant.product.images.all())
    return next((image for image in images if image.variant_id == variant.pk), images[0] if images else None)


def _price_changed(line: LoadedLine) -> str:
    up = line.unit_price > line.price_seen
    sentence = (
        _("Le prix de %(name)s a augmenté : %(after)s au lieu de %(before)s.")
        if up
        else _("Le prix de %(name)s a baissé : %(after)s au lieu de %(before)s.")
    )
    return sentence % {
        "name": line.full_name,
        "after": format_euros(line.unit_price),
        "before": format_euros(line.price_seen),
    }

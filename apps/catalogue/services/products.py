"""What staff do to a product by hand. Imports have their own, bulk, way; both go through the ledgers."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from apps.accounts.models import User
from apps.catalogue.descriptions import sanitise
from apps.catalogue.models import PriceEntry, Product, Stock, StockMovement, Variant
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.services.prices import set_price
from apps.catalogue.services.revision import bump_revision
from apps.catalogue.services.stock import correct_stock


def tidy(*, product: Product, now: datetime) -> None:
    """Prepares typed fields for saving: harmless HTML, an English address, the date of first publication."""
    product.description_fr = sanitise(product.description_fr)
    product.description_en = sanitise(product.description_en)
    product.slug_en = product.slug_en or product.slug_fr
    if product.state == Product.State.PUBLISHED and product.published_at is None:
        product.published_at = now


@transaction.atomic
def save_variant(
    *,
    variant: Variant,
    price: Decimal | None,
    on_hand: int | None,
    author: User,
    now: datetime,
    seen_on_hand: int | None = None,
) -> Variant:
    """Save a new or changed variant with its price (gross euros) and counted stock (pieces); None leaves either alone.

    A new variant needs its price. Raises, nothing written: StockMoved when there are not `seen_on_hand` pieces any
    more, StockReserved.
    """
    if variant.pk is None:
        if price is None:
            raise ValueError("a new variant needs its price")
        variant.price = variant.regular_price = price
        variant.save()
        PriceEntry.objects.create(variant=variant, amount=price, effective_at=now, author=author)
        Stock.objects.create(variant=variant)
    else:
        variant.save(update_fields=_own_columns())
        if price is not None:
            set_price(variant=variant, amount=price, author=author, now=now)
    if on_hand is not None:
        correct_stock(
            variant=variant,
            on_hand=on_hand,
            expected=seen_on_hand,
            reason=StockMovement.Reason.CORRECTION,
            note="",
            author=author,
            now=now,
        )
    return variant


def _own_columns() -> list[str]:
    """What a screen may write on a variant: all but its amounts, which belong to the price ledger."""
    amounts = ("price", "regular_price", "reference_price")
    return [
        column.name for column in Variant._meta.concrete_fields if not column.primary_key and column.name not in amounts
    ]


@transaction.atomic
def show_changes(*, product_ids: Sequence[int]) -> None:
    """Brings listings, search and every shopper's page up to date with changed products."""
    refresh_listing(product_ids=product_ids)
    bump_revision()


@transaction.atomic
def publish(*, product_ids: Sequence[int], now: datetime) -> int:
    """Puts products on sale; returns how many were not before."""
    products = Product.objects.filter(pk__in=product_ids).exclude(state=Product.State.PUBLISHED)
    changed = list(products.values_list("pk", flat=True))
    Product.objects.filter(pk__in=changed, published_at__isnull=True).update(published_at=now)
    Product.objects.filter(pk__in=changed).update(state=Product.State.PUBLISHED, updated_at=now)
    show_changes(product_ids=changed)
    return len(changed)


@transaction.atomic
def archive(*, product_ids: Sequence[int], now: datetime) -> int:
    """Takes products off sale and out of every list, keeping their ledgers; returns how many were on sale."""
    products = Product.objects.filter(pk__in=product_ids).exclude(state=Product.State.ARCHIVED)
    changed = list(products.values_list("pk", flat=True))
    Product.objects.filter(pk__in=changed).update(state=Product.State.ARCHIVED, updated_at=now)
    show_changes(product_ids=changed)
    return len(changed)

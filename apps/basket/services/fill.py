"""Adds an order's lines to a basket. The number of queries does not depend on the lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.basket.models import MAX_QUANTITY, Basket, BasketLine, CheckoutDetails
from apps.basket.services.lines import NEEDED, available, is_for_sale, limited, lock_if_open, open_basket, shortage_of
from apps.catalogue.models import Variant
from apps.catalogue.models.category import IS_HIDDEN
from apps.catalogue.services.stock import full_name


@dataclass(frozen=True)
class Piece:
    """A line to add: its variant by id, or by SKU when the id is None because the variant was deleted.

    `price_seen`: what the shopper last agreed to pay; the basket announces a different price. None: today's.
    """

    variant_id: int | None
    sku: str
    name: str
    quantity: int
    price_seen: Decimal | None = None


@dataclass(frozen=True)
class Filled:
    """`added`: how many of the lines are in the basket now; `missing`: a sentence for each that is not, or in part."""

    added: int
    missing: list[str]


def basket_to_fill(*, key: UUID | str | None, user: User | None, now: datetime, new_key: UUID | None = None) -> Basket:
    """The customer's or visitor's open basket, its row locked; a new one, under `new_key`, when there is none.

    Inside the caller's transaction, which locks orders before it and stock after it.
    """
    owner = user if user is not None and user.is_authenticated else None
    for key_now in (key, new_key):
        found = lock_if_open(open_basket(key=key_now, user=owner), now)
        if found is not None:
            return found
    try:
        with transaction.atomic():
            return Basket.objects.create(user=owner, key=new_key or uuid4(), created_at=now)
    except IntegrityError:
        # A concurrent request of the customer opened one, or a former basket has this key.
        return lock_if_open(open_basket(key=None, user=owner), now) or Basket.objects.create(user=owner, created_at=now)


def fill(*, basket: Basket, pieces: Sequence[Piece]) -> Filled:
    """Raise each piece's line to its quantity, as far as it is for sale and in stock; a repeat adds nothing.

    Inside the caller's transaction, for a basket whose row is locked. Never raises for a product.
    """
    wanted_ones = Q(pk__in=[piece.variant_id for piece in pieces if piece.variant_id])
    wanted_ones |= Q(sku__in=[piece.sku for piece in pieces if not piece.variant_id])
    found = list(
        Variant.objects.filter(wanted_ones)
        .select_related("product__category", "stock")
        .only(*(name.removeprefix("variant__") for name in NEEDED))
        .annotate(is_hidden=IS_HIDDEN)
    )
    by_id, by_sku = {variant.pk: variant for variant in found}, {variant.sku: variant for variant in found}
    lines = {line.variant_id: line for line in BasketLine.objects.filter(basket=basket)}
    missing: list[str] = []
    new: list[BasketLine] = []
    grown: list[BasketLine] = []
    added = 0
    for piece in pieces:
        variant = by_id.get(piece.variant_id) if piece.variant_id else by_sku.get(piece.sku)
        if variant is None or not is_for_sale(variant, is_hidden=variant.is_hidden):
            missing.append(_("%(name)s — Ce produit n’est plus en vente.") % {"name": piece.name})
            continue
        line = lines.get(variant.pk)
        wanted = max(piece.quantity, line.quantity if line else 0)
        allowed = min(wanted, available(variant), MAX_QUANTITY)
        if allowed < 1:
            missing.append(shortage_of(variant, wanted=wanted).message)
            continue
        added += 1
        if allowed < wanted:
            missing.append(limited(full_name(variant), allowed))
        if line is None:
            seen = variant.price if piece.price_seen is None else piece.price_seen
            new.append(BasketLine(basket=basket, variant=variant, quantity=allowed, price_seen=seen))
        elif allowed > line.quantity:
            line.quantity = allowed
            grown.append(line)
    BasketLine.objects.bulk_create(new)
    BasketLine.objects.bulk_update(grown, ["quantity"])
    return Filled(added, missing)


def carry_details(*, to: Basket, ordered_from: UUID, fallback: dict[str, str]) -> None:
    """Copy the checkout details of the basket `ordered_from` to a basket without any; `fallback` when it is purged."""
    if CheckoutDetails.objects.filter(basket=to).exists():
        return
    typed = CheckoutDetails.objects.filter(basket__key=ordered_from).first() or CheckoutDetails(**fallback)
    typed.basket = to
    typed.save(force_insert=True)

"""Opening a basket and changing its lines.

A basket's row is locked (by an UPDATE) before its lines change, so that none is added while it becomes an order.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.basket.models import MAX_QUANTITY, Basket, BasketLine
from apps.catalogue.models import Variant
from apps.catalogue.models.category import IS_HIDDEN
from apps.catalogue.services.stock import OutOfStock, Shortage, full_name
from apps.common.errors import DomainError
from apps.common.insert import insert
from apps.common.prepared import Prepared
from apps.common.transactions import retry_on_deadlock
from apps.common.translation import LANGUAGES

# Columns of a line's variant that are read to display, price, weigh and sell it; rows of products are wide.
OPTIONS = [f"option{number}_{language}" for number in "123" for language in LANGUAGES]
NEEDED = [
    *(f"variant__{name}" for name in ("sku", "ean13", "price", "regular_price", "reference_price", "weight_g")),
    *(f"variant__{name}" for name in ("is_active", "content_quantity", "content_unit", *OPTIONS)),
    *(f"variant__product__{name}_{language}" for name in ("name", "slug") for language in LANGUAGES),
    *(f"variant__product__{name}" for name in ("vat_class", "state", "withdrawal_exception")),
    "variant__product__category__tint",
    *("variant__stock__on_hand", "variant__stock__reserved"),
]


class InvalidQuantity(DomainError):
    code = "invalid_quantity"


class NotForSale(DomainError):
    code = "not_for_sale"


_BY_KEY = Prepared(lambda key: Basket.objects.filter(key=key))
_VISITORS = Prepared(lambda key: Basket.objects.open().of_visitor(key))
_VARIANT = Prepared(
    lambda sku: (
        Variant.objects.filter(sku=sku)
        .select_related("product__category", "stock")
        .only(*(name.removeprefix("variant__") for name in NEEDED))
        .annotate(is_hidden=IS_HIDDEN)
    )
)

_CHANGED = Prepared(
    lambda basket: (
        BasketLine.objects.filter(basket=basket)
        .exclude(price_seen=F("variant__price"))
        .annotate(price_now=F("variant__price"))
    )
)


@dataclass(frozen=True)
class Change:
    """The quantities of a line before and after. A removal is undone by adding `sku` × `before` again."""

    sku: str
    name: str
    before: int
    after: int
    notice: str = ""

    @property
    def removed(self) -> bool:
        return self.after == 0


def open_basket(*, key: UUID | str | None, user: User | None) -> Basket | None:
    """The customer's open basket, or the visitor's by the key in the cookie; None when there is none."""
    if user is not None and user.is_authenticated:
        return Basket.objects.open().of_customer(user).first()
    parsed = _uuid(key)
    return next(iter(_VISITORS.instances(parsed)), None) if parsed else None


def basket_by_key(key: UUID | str | None) -> Basket | None:
    """The basket with this key, whosever it is and whatever became of it."""
    parsed = _uuid(key)
    return next(iter(_BY_KEY.instances(parsed)), None) if parsed else None


@retry_on_deadlock
def add(
    *, basket: Basket | None, key: UUID | str | None, user: User | None, sku: str, quantity: int, now: datetime
) -> Basket:
    """Add pieces to the basket, which is found by key or user when it is not given.

    A new one is opened under a new key when there is none or when it was ordered meanwhile: set the visitor's cookie
    to the returned basket's key. Adds as many as are in stock and sets `basket.notice` when these are fewer. Raises
    OutOfStock when not one more can be added, NotForSale, InvalidQuantity below 1 or beyond MAX_QUANTITY.
    """
    if not isinstance(quantity, int) or not 1 <= quantity <= MAX_QUANTITY:
        raise _invalid_quantity()
    variant = next(iter(_VARIANT.instances(sku)), None)
    if variant is None or not is_for_sale(variant, is_hidden=variant.is_hidden):
        raise NotForSale(_("Ce produit n’est plus en vente."), sku=sku)
    owner = user if user is not None and user.is_authenticated else None
    if basket is None:
        basket = open_basket(key=key, user=owner)
    for _attempt in range(3):
        try:
            with transaction.atomic(durable=True):
                locked = lock_if_open(basket, now)
                basket = locked or _opened(owner, now)
                line = BasketLine.objects.filter(basket=locked, variant=variant).first() if locked else None
                basket.notice = _add_pieces(basket, line, variant, quantity)
                return basket
        except IntegrityError:
            # A concurrent request created the basket or the line first: use those.
            basket = open_basket(key=basket.key if basket else key, user=owner)
    raise NotForSale(_("Votre panier est modifié dans un autre onglet. Recommencez."), sku=sku)


@retry_on_deadlock
def set_quantity(*, basket: Basket, line_id: int, quantity: int, now: datetime) -> Change | None:
    """Change a line, or remove it with 0. None when the basket has no such line (any more), as after a repeat.

    Sets as many as are in stock, with a `notice` when these are fewer. Raises OutOfStock when there are none.
    """
    if not isinstance(quantity, int) or not 0 <= quantity <= MAX_QUANTITY:
        raise _invalid_quantity()
    with transaction.atomic(durable=True):
        if lock_if_open(basket, now) is None:
            return None
        line = (
            BasketLine.objects.filter(basket=basket, pk=line_id)
            .select_related("variant__product", "variant__stock")
            .first()
        )
        if line is None:
            return None
        name = full_name(line.variant)
        if quantity == 0:
            line.delete()
            return Change(sku=line.variant.sku, name=name, before=line.quantity, after=0)
        allowed = min(quantity, available(line.variant))
        if allowed < 1:
            raise OutOfStock([shortage_of(line.variant, wanted=quantity)])
        BasketLine.objects.filter(pk=line.pk).update(quantity=allowed, price_seen=line.variant.price)
        return Change(
            sku=line.variant.sku,
            name=name,
            before=line.quantity,
            after=allowed,
            notice=limited(name, allowed) if allowed < quantity else "",
        )


def accept_prices(*, basket: Basket) -> None:
    """Set each line's `price_seen` to today's price: the shopper has seen the announced changes."""
    changed = _CHANGED.instances(basket.pk)
    for line in changed:
        line.price_seen = line.price_now
    if changed:
        BasketLine.objects.bulk_update(changed, ["price_seen"])


def available(variant: Variant) -> int:
    """Pieces that can be promised now; the variant's stock must be loaded."""
    return variant.stock.available if hasattr(variant, "stock") else 0


def lock_if_open(basket: Basket | None, now: datetime) -> Basket | None:
    """The basket with its row locked, or None when it is no longer open."""
    if basket is None:
        return None
    return basket if Basket.objects.open().filter(pk=basket.pk).update(updated_at=now) else None


def _opened(owner: User | None, now: datetime) -> Basket:
    basket = Basket(user=owner, created_at=now)
    insert(basket)
    return basket


def _add_pieces(basket: Basket, line: BasketLine | None, variant: Variant, quantity: int) -> str:
    already = line.quantity if line else 0
    wanted = already + quantity
    allowed = min(wanted, available(variant), MAX_QUANTITY)
    if allowed <= already:
        raise OutOfStock([shortage_of(variant, wanted=wanted, in_basket=already)])
    if line:
        BasketLine.objects.filter(pk=line.pk).update(quantity=allowed, price_seen=variant.price)
    else:
        insert(BasketLine(basket=basket, variant=variant, quantity=allowed, price_seen=variant.price))
    return limited(full_name(variant), allowed) if allowed < wanted else ""


def is_for_sale(variant: Variant, *, is_hidden: bool) -> bool:
    """`is_hidden`: whether its category or one above it is not visible."""
    return variant.is_active and variant.product.state == "PUBLISHED" and not is_hidden


def shortage_of(variant: Variant, *, wanted: int, in_basket: int = 0) -> Shortage:
    return Shortage(
        variant_id=variant.pk,
        sku=variant.sku,
        name=full_name(variant),
        wanted=wanted,
        available=available(variant),
        in_basket=in_basket,
    )


def limited(name: str, allowed: int) -> str:
    return ngettext(
        "« %(name)s » : il n’en reste qu’un exemplaire, et votre panier le contient.",
        "« %(name)s » : il n’en reste que %(count)d exemplaires, et votre panier les contient.",
        allowed,
    ) % {"count": allowed, "name": name}


def _invalid_quantity() -> InvalidQuantity:
    return InvalidQuantity(_("Indiquez une quantité entre 1 et %(most)d.") % {"most": MAX_QUANTITY})


def _uuid(key: UUID | str | None) -> UUID | None:
    if isinstance(key, UUID) or key is None:
        return key
    try:
        return UUID(key)
    except ValueError:
        return None

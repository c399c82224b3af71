"""Orders as staff are asked for them: by number with or without hyphens, a name without its accents, an e-mail address,
a telephone number, a product, its reference or bar code, an amount, a tracking number.
"""

import re
from collections.abc import Iterable

from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, Q

from apps.common.letters import fold
from apps.common.typed import tidy_line
from apps.orders.models import Order, OrderLine, OrderSearch
from apps.orders.models.search import MAX_TEXT

# Newest first; who looks for one order asks more precisely than that.
MOST_FOUND = 1000
# Orders that came since the last search or sweep; what is older is the sweep's.
_NEWEST = 500
_BATCH = 500
_MOST_TERMS = 8
_PHONE = re.compile(r"\+?[0-9 ().\-/]{6,}")
_FEWEST_DIGITS = 6
_AMOUNT = re.compile(r"(?P<euros>\d[\d \u00a0\u202f]{0,14})(?:[.,](?P<cents>\d{1,2}))?\s*(?P<sign>€|eur|euros?)?")


def find_ids(text: str) -> list[int]:
    """Ids of the newest orders in which every term of the text stands, MOST_FOUND at most.

    Orders that no sweep has seen yet are indexed first. One narrow row is read for each order of the shop.
    """
    index_newest()
    found = OrderSearch.objects.all()
    for spellings in terms_of(text):
        wanted = Q()
        for spelled in spellings:
            wanted |= Q(folded_text__contains=spelled)
        found = found.filter(wanted)
    return list(found.order_by("-pk").values_list("pk", flat=True)[:MOST_FOUND])


def terms_of(text: str) -> list[tuple[str, ...]]:
    """Each term with its other spellings. A text of digits alone is a telephone number, or a bar code."""
    folded = fold(tidy_line(text))
    amount = _AMOUNT.fullmatch(folded)
    if amount and (amount["cents"] or amount["sign"]):
        euros = int(re.sub(r"\D", "", amount["euros"]))
        return [(f" {euros},{(amount['cents'] or '0').ljust(2, '0')} ",)]
    if _PHONE.fullmatch(folded) and len(_digits(folded)) >= _FEWEST_DIGITS:
        return [(_digits(folded),)]
    words = folded.split()[:_MOST_TERMS]
    # An order's number is written with hyphens, as « Jean-Paul » is.
    return [(word, word.replace("-", "")) if "-" in word else (word,) for word in words]


def index_newest() -> int:
    """Index those of the newest orders that are not yet; returns how many. Two queries where there are none."""
    newest = list(Order.objects.order_by("-pk").values_list("pk", flat=True)[:_NEWEST])
    held = set(OrderSearch.objects.filter(pk__in=newest).values_list("pk", flat=True))
    return _index([pk for pk in newest if pk not in held])


def index_orders() -> int:
    """Index every order that is not yet; returns how many. A repeat finds none."""
    missing = Order.objects.filter(~Exists(OrderSearch.objects.filter(pk=OuterRef("pk")))).order_by("pk")
    count = 0
    while pks := list(missing.values_list("pk", flat=True)[:_BATCH]):
        count += _index(pks)
    return count


def refresh_search(order_ids: Iterable[int]) -> None:
    """After a correction or an erasure, in its transaction. A search that has read the order before may insert its row
    meanwhile: it is overwritten, so that nothing erased is found any more."""
    target = ["order"] if connection.features.supports_update_conflicts_with_target else None
    OrderSearch.objects.bulk_create(
        _rows(order_ids), update_conflicts=True, update_fields=["folded_text"], unique_fields=target
    )


def _index(pks: list[int]) -> int:
    rows = _rows(pks)
    # Another search, or a correction, may have been quicker.
    OrderSearch.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _rows(pks: Iterable[int]) -> list[OrderSearch]:
    """Two queries."""
    lines = Prefetch("lines", OrderLine.objects.order_by("position"))
    orders = Order.objects.filter(pk__in=list(pks)).prefetch_related(lines)
    return [OrderSearch(order=order, folded_text=_text_of(order)) for order in orders]


def _text_of(order: Order) -> str:
    own = [
        order.number.replace("-", ""),
        order.email,
        _digits(order.phone),
        *(order.recipient, order.company, order.line1, order.postcode, order.city),
        order.tracking_number,
        f"{order.total:f}".replace(".", ","),
    ]
    of_lines = [
        text for line in order.lines.all() for text in (line.sku, line.ean13, line.product_name, line.variant_label)
    ]
    # With a space at both ends, so that an amount is found whole.
    return f" {fold(' '.join(filter(None, [*own, *of_lines])))[: MAX_TEXT - 2]} "


def _digits(phone: str) -> str:
    """« +33 (0)6 12 34 56 78 » and « 06.12.34.56.78 » are one number."""
    digits = re.sub(r"\D", "", phone.replace("(0)", ""))
    international = re.match(r"(?:00)?33(?=[1-9]\d{8}$)", digits)
    return f"0{digits[international.end() :]}" if international else digits

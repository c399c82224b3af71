"""What documents say, from an order and from a refund: dictionaries that become canonical JSON. Nothing is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.common.money import ZERO, VatAmount, round_cents, share_out, vat_included, vat_per_rate
from apps.orders.models import Order, OrderLine
from apps.payments import gateways


@dataclass(frozen=True)
class Paid:
    """When and by which means an order was paid; `on` None while it is not."""

    on: date | None
    gateway: str


@dataclass(frozen=True)
class Supply:
    """What makes the VAT due: the delivery, or money that comes before it (art. 269, 2, a CGI)."""

    on: date
    event: Literal["payment", "delivery"]


def invoice_content(*, order: Order, supply: Supply, paid: Paid) -> dict[str, Any]:
    """Everything that an invoice prints but its number, date and seller. Reads the order's lines."""
    lines = list(order.lines.all())
    amounts = order.vat_breakdown()
    parts = _delivery(order, lines)
    return {
        "order": order.number,
        "order_date": timezone.localdate(order.placed_at),
        "supply": {"event": supply.event, "date": supply.on},
        "buyer": _buyer(order),
        "delivery": {"name": order.delivery_name, "pickup_point": order.pickup_point},
        "lines": [_line(line) for line in lines],
        "charges": [
            {"rate": rate, "net": part - vat, "vat": vat, "gross": part}
            for rate, part in sorted(parts.items(), reverse=True)
            if part
            for vat in [vat_included(gross=part, rate=rate)]
        ],
        "vat": _vat(amounts),
        "payment": {
            "date": paid.on,
            "gateway": paid.gateway,
            "means": _means(paid.gateway),
            "paid": order.total if paid.on else ZERO,
            "due": ZERO if paid.on else order.total,
        },
        **totals(amounts),
    }


def credit_note_content(
    *, invoice: dict[str, Any], amounts: list[VatAmount], lines: list[dict[str, Any]], paid: Paid, reason: str
) -> dict[str, Any]:
    """Everything that a credit note prints but its number, date and seller. It corrects `invoice`, whose parties it
    repeats."""
    return {
        "order": invoice["order"],
        "order_date": invoice["order_date"],
        "supply": invoice["supply"],
        "corrects": {"number": invoice["number"], "date": invoice["issue_date"]},
        "buyer": invoice["buyer"],
        "delivery": invoice["delivery"],
        "reason": reason,
        "lines": lines,
        "charges": [],
        "vat": _vat(amounts),
        "payment": {
            "date": paid.on,
            "gateway": paid.gateway,
            "means": _means(paid.gateway),
            "paid": sum((each.gross for each in amounts), ZERO),
            "due": ZERO,
        },
        **totals(amounts),
    }


def reduction_lines(amounts: Iterable[VatAmount], *, is_whole: bool) -> list[dict[str, Any]]:
    """One line for each rate, in the active language."""
    name = _("Remboursement de la commande") if is_whole else _("Réduction du prix")
    return [credit_line(name=name, quantity=1, amount=each) for each in amounts]


def credit_line(*, name: str, quantity: int, amount: VatAmount, variant: str = "", sku: str = "") -> dict[str, Any]:
    return {
        "name": name,
        "variant": variant,
        "sku": sku,
        "ean13": "",
        "quantity": quantity,
        "rate": amount.rate,
        "unit_gross": None,
        "unit_gross_before": None,
        "net": amount.net,
        "vat": amount.vat,
        "gross": amount.gross,
    }


def totals(amounts: Iterable[VatAmount]) -> dict[str, Decimal]:
    amounts = list(amounts)
    gross = sum((each.gross for each in amounts), ZERO)
    vat = sum((each.vat for each in amounts), ZERO)
    return {"net": gross - vat, "vat_total": vat, "gross": gross}


def credited(amount: Decimal, *, invoiced: Iterable[VatAmount], before: Mapping[Decimal, VatAmount]) -> list[VatAmount]:
    """A refund by rates: in proportion to what is left of each, so that all refunds together give back the VAT of the
    invoice to the cent, and none more than is left. Raises ValueError for more than is left in all."""
    by_rate = {each.rate: each for each in invoiced}
    left = {rate: each.gross - _before(before, rate).gross for rate, each in by_rate.items()}
    if amount > sum(left.values(), ZERO):
        raise ValueError("more is given back than was invoiced")
    parts = share_out(amount, left)
    return [vat_of_part(by_rate[rate], part, before) for rate, part in parts.items() if part]


def credited_parts(
    parts: Mapping[Decimal, Decimal], *, invoiced: Iterable[VatAmount], before: Mapping[Decimal, VatAmount]
) -> list[VatAmount] | None:
    """A refund of goods whose gross amounts by rate are known; None when some rate has less left."""
    by_rate = {each.rate: each for each in invoiced}
    for rate, part in parts.items():
        if rate not in by_rate or part > by_rate[rate].gross - _before(before, rate).gross:
            return None
    return [vat_of_part(by_rate[rate], part, before) for rate, part in sorted(parts.items(), reverse=True) if part]


def vat_of_part(invoiced: VatAmount, part: Decimal, before: Mapping[Decimal, VatAmount]) -> VatAmount:
    """The VAT of a part that is given back: what brings the sum of all parts to its share of the invoice's VAT."""
    earlier = _before(before, invoiced.rate)
    share = round_cents(invoiced.vat * (earlier.gross + part) / invoiced.gross)
    return VatAmount(invoiced.rate, part, share - earlier.vat)


def _before(before: Mapping[Decimal, VatAmount], rate: Decimal) -> VatAmount:
    return before.get(rate, VatAmount(rate, ZERO, ZERO))


def _delivery(order: Order, lines: list[OrderLine]) -> dict[Decimal, Decimal]:
    """The delivery by rates, as `vat_per_rate` divides it."""
    goods = vat_per_rate((line.vat_rate, line.total, line.vat_amount) for line in lines)
    weights: dict[Decimal, Decimal] = {line.vat_rate: ZERO for line in lines} | {
        each.rate: each.gross for each in goods
    }
    return share_out(order.delivery_total, weights)


def _line(line: OrderLine) -> dict[str, Any]:
    reduced = line.reference_price is not None and line.reference_price > line.unit_price
    return {
        "name": line.product_name,
        "variant": line.variant_label,
        "sku": line.sku,
        "ean13": line.ean13,
        "quantity": line.quantity,
        "rate": line.vat_rate,
        "unit_gross": line.unit_price,
        # Art. 242 nonies A, 8°: reductions acquired at the date of the sale.
        "unit_gross_before": line.reference_price if reduced else None,
        "net": line.total - line.vat_amount,
        "vat": line.vat_amount,
        "gross": line.total,
    }


def _vat(amounts: Iterable[VatAmount]) -> list[dict[str, Decimal]]:
    return [{"rate": each.rate, "net": each.net, "vat": each.vat, "gross": each.gross} for each in amounts]


def _buyer(order: Order) -> dict[str, str]:
    return {
        "name": order.recipient,
        "company": order.company,
        # Until orders hold them: e-invoices between businesses need both.
        "siren": "",
        "vat_number": "",
        "line1": order.line1,
        "line2": order.line2,
        "postcode": order.postcode,
        "city": order.city,
        "country": order.country or "FR",
    }


def _means(code: str) -> str:
    """UNTDID 4461: 30 credit transfer, 10 cash, 48 card; 1 when the gateway is not installed any more."""
    gateway = gateways.get(code)
    if gateway is None:
        return "1"
    if gateway.awaits_transfer:
        return "30"
    return "48" if gateway.is_remote else "10"

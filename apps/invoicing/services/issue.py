"""One document for each sale and each refund, whatever is repeated."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.aftersales.models import Withdrawal
from apps.common.money import CENT, ZERO, VatAmount, share_out
from apps.common.transactions import retry_on_deadlock
from apps.invoicing.contents import (
    Paid,
    credit_line,
    credit_note_content,
    credited,
    credited_parts,
    invoice_content,
    reduction_lines,
)
from apps.invoicing.models import Document, DocumentVat
from apps.invoicing.moment import moment_of
from apps.invoicing.services.chain import append, lock_chain, read
from apps.orders.models import Order
from apps.payments.models import Payment, Refund

logger = structlog.get_logger(__name__)

Goods = list[tuple[dict[str, Any], Decimal, Decimal]]
"""Name, variant, SKU and quantity of a line; its rate; its gross amount."""


@retry_on_deadlock
def issue_invoice(*, order: Order, now: datetime) -> Document | None:
    """The invoice of an order; None while none is due. A repeat returns the first.

    What it says of the order never changes, so that only the chain is locked.
    """
    source = f"order-{order.pk}"
    order = Order.objects.prefetch_related("lines").get(pk=order.pk)
    found = moment_of(order)
    if found is None:
        return None
    _moment, supply = found
    paid = Paid(timezone.localdate(order.paid_at) if order.paid_at else None, order.payment_method)
    content = invoice_content(order=order, supply=supply, paid=paid)
    with transaction.atomic(durable=True):
        chain = lock_chain()
        existing = Document.objects.filter(source=source).first()
        if existing is not None:
            return existing
        document = append(chain, kind=Document.Kind.INVOICE, source=source, order=order, content=content, now=now)
    logger.info("document_issued", document_id=document.pk, order_id=order.pk)
    return document


@retry_on_deadlock
def issue_credit_note(*, refund: Refund, now: datetime) -> Document | None:
    """The credit note of a refund that was made; None when what it gives back was never invoiced. A repeat returns the
    first."""
    source = f"refund-{refund.pk}"
    payment = refund.payment
    if refund.status != Refund.Status.DONE or refund.done_at is None or not pays(payment):
        return None
    with transaction.atomic(durable=True):
        chain = lock_chain()
        existing = Document.objects.filter(source=source).first()
        if existing is not None:
            return existing
        invoice = Document.objects.invoices().filter(order=payment.order_id).first()
        if invoice is None:
            return None
        with translation.override(invoice.language):
            content = _credit(invoice, refund, paid=Paid(timezone.localdate(refund.done_at), payment.gateway))
        document = append(
            chain,
            kind=Document.Kind.CREDIT_NOTE,
            source=source,
            order=payment.order,
            content=content,
            now=now,
            refund=refund,
            corrects=invoice,
        )
    logger.info("document_issued", document_id=document.pk, order_id=payment.order_id)
    return document


def pays(payment: Payment) -> bool:
    """Whether this is the money that paid the order. Money that came twice, too late or in another amount goes back and
    was never the price of anything. One query."""
    paying = payment.order.payments.captured().filter(amount=payment.order.total)
    return paying.order_by("captured_at", "pk").values_list("pk", flat=True).first() == payment.pk


def _credit(invoice: Document, refund: Refund, *, paid: Paid) -> dict[str, Any]:
    invoiced = [VatAmount(each.rate, each.gross, each.vat) for each in invoice.vat_lines.all()]
    before = _credited_before(invoice)
    withdrawals, goods = _withdrawn(invoice, refund)
    amounts = credited_parts(_by_rate(goods), invoiced=invoiced, before=before) if goods else None
    if amounts is not None:
        lines = _lines(goods, amounts)
        reason = _("Rétractation")
    else:
        withdrawals = []
        amounts = credited(refund.amount, invoiced=invoiced, before=before)
        lines = reduction_lines(amounts, is_whole=refund.amount == invoice.gross)
        reason = refund.reason
    content = credit_note_content(invoice=read(invoice), amounts=amounts, lines=lines, paid=paid, reason=reason)
    return {**content, "withdrawals": [each.pk for each in withdrawals]}


def _credited_before(invoice: Document) -> dict[Decimal, VatAmount]:
    before: dict[Decimal, VatAmount] = {}
    for each in DocumentVat.objects.filter(document__corrects=invoice):
        sums = before.get(each.rate, VatAmount(each.rate, ZERO, ZERO))
        before[each.rate] = VatAmount(each.rate, sums.gross + each.gross, sums.vat + each.vat)
    return before


def _withdrawn(invoice: Document, refund: Refund) -> tuple[list[Withdrawal], Goods]:
    """The declarations that a refund gives back to the cent, with their goods and delivery by rates: all that no credit
    note has yet, or one of them. Empty when no sum fits: then the refund is a reduction of the whole."""
    used = {pk for note in invoice.credit_notes.all() for pk in read(note).get("withdrawals", [])}
    declared = Withdrawal.objects.filter(order=invoice.order_id).exclude(status=Withdrawal.Status.NOTHING_DUE)
    rows = declared.prefetch_related("lines__order_line").order_by("pk")
    open_ones = [each for each in rows if each.pk not in used]
    for some in (open_ones, *([each] for each in open_ones)):
        if some and sum((each.refund_total for each in some), ZERO) == refund.amount:
            return some, _goods(invoice, some)
    return [], []


def _goods(invoice: Document, withdrawals: list[Withdrawal]) -> Goods:
    goods: Goods = []
    for line in (line for each in withdrawals for line in each.lines.all()):
        bought = line.order_line
        named = {"name": bought.product_name, "variant": bought.variant_label, "sku": bought.sku}
        goods.append(({**named, "quantity": line.quantity}, bought.vat_rate, bought.unit_price * line.quantity))
    charges = {Decimal(each["rate"]): Decimal(each["gross"]) for each in read(invoice)["charges"]}
    delivery = sum((each.delivery_total for each in withdrawals), ZERO)
    for rate, part in share_out(delivery, charges).items():
        if part:
            goods.append(({"name": _("Livraison"), "quantity": 1}, rate, part))
    return goods


def _by_rate(goods: Goods) -> dict[Decimal, Decimal]:
    parts: dict[Decimal, Decimal] = {}
    for _named, rate, gross in goods:
        parts[rate] = parts.get(rate, ZERO) + gross
    return parts


def _lines(goods: Goods, amounts: Iterable[VatAmount]) -> list[dict[str, Any]]:
    """Each line with its share of the VAT of its rate."""
    lines: list[dict[str, Any]] = []
    for amount in amounts:
        here = [(named, gross) for named, rate, gross in goods if rate == amount.rate]
        shares = share_out(amount.vat, {Decimal(index): gross / CENT for index, (_named, gross) in enumerate(here)})
        for index, (named, gross) in enumerate(here):
            line = credit_line(**named, amount=VatAmount(amount.rate, gross, shares[Decimal(index)]))
            lines.append(line)
    return lines

"""The journal of money for the accountant, in the shape of the « fichier des écritures comptables » like that of sales.

Payments, refunds, what banks take back in disputes, and what providers pay out with their fees. Each entry has the day
on which the shop wrote the fact down, which never moves, so that the file of a month that has ended stays the same;
`PieceDate` is the provider's date. Accounts are those of the plan comptable général: money that a provider holds is on
511500 until it is paid out, and what stays there is not explained; disputed money is a doubtful claim (416000) until
the dispute is lost, and a loss (654000) then. The sale and its VAT stand: a lost dispute is no reduction of the price.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from heapq import merge
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.common.money import ZERO, round_cents
from apps.invoicing.books import COLUMNS, CUSTOMERS, amount_text, fec_name
from apps.payments import gateways
from apps.payments.models import Dispute, DisputeMovement, Payment, Payout, Refund

JOURNAL = ("EN", "Encaissements")
AT_ONCE = 2000
PROVIDER, BANK, TILL, DISPUTED, LOST, FEES = "511500", "512000", "530000", "416000", "654000", "627000"
NAMES = {
    CUSTOMERS: "Clients",
    DISPUTED: "Clients litigieux",
    PROVIDER: "Prestataires de paiement",
    BANK: "Banque",
    TILL: "Caisse",
    LOST: "Pertes sur créances irrécouvrables",
    FEES: "Commissions des prestataires de paiement",
}


@dataclass(frozen=True)
class Move:
    """Money from one account to another, never less than nothing. `at`: when the shop wrote it down."""

    at: datetime
    debit: str
    credit: str
    amount: Decimal
    piece: str
    piece_date: date
    text: str


def moves(first: date, last: date) -> Iterator[Move]:
    """In the order of their moments. A constant number of queries for each two thousand rows, which are never all in
    memory."""
    start = timezone.make_aware(datetime.combine(first, time.min))
    end = timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min))
    sources = [
        _payments(start, end),
        *(_refunds(name, start, end) for name in ("done_at", "sent_back_at", "remade_at")),
        _movements(start, end),
        _losses(start, end),
        *(_payouts(name, start, end) for name in ("paid_at", "failed_at", "itemised_at")),
    ]
    return merge(*sources, key=lambda move: move.at)


def balances(first: date, last: date) -> dict[str, Decimal]:
    """Debits less credits of each account that moved, by account."""
    sums: dict[str, Decimal] = {}
    for move in moves(first, last):
        sums[move.debit] = sums.get(move.debit, ZERO) + move.amount
        sums[move.credit] = sums.get(move.credit, ZERO) - move.amount
    return dict(sorted(sums.items()))


def months() -> list[date]:
    """First days of the months in which money was taken, newest first. One query."""
    captured = Payment.objects.captured().exclude(captured_at=None).order_by()
    return [each.date() for each in captured.datetimes("captured_at", "month", order="DESC")]


def fec(first: date, last: date) -> Iterator[str]:
    """Lines of the file, tabs between columns; the header first. Entries are numbered within it."""
    yield "\t".join(COLUMNS) + "\r\n"
    for number, move in enumerate(moves(first, last), start=1):
        on, piece_date = f"{timezone.localdate(move.at):%Y%m%d}", f"{move.piece_date:%Y%m%d}"
        for account, debit, credit in ((move.debit, move.amount, ZERO), (move.credit, ZERO, move.amount)):
            values = [
                *(*JOURNAL, str(number), on, account, NAMES[account], "", ""),
                *(move.piece, piece_date, move.text, amount_text(debit), amount_text(credit)),
                *("", "", on, "", ""),
            ]
            yield "\t".join(values) + "\r\n"


def cash_book_name(last: date) -> str:
    return fec_name(last).replace(".txt", "-encaissements.txt")


def _payments(start: datetime, end: datetime) -> Iterator[Move]:
    for payment in _rows(Payment.objects.captured().select_related("order"), "captured_at", start, end):
        text = f"Paiement {payment.order.number}"
        yield _move(payment.captured_at, _held_by(payment), CUSTOMERS, payment.amount, payment.order.number, text)


def _refunds(name: str, start: datetime, end: datetime) -> Iterator[Move]:
    """Made, sent back by the customer's bank, and made again from the shop's account."""
    done = Refund.objects.filter(status=Refund.Status.DONE).select_related("payment__order")
    for refund in _rows(done, name, start, end):
        number = refund.payment.order.number
        held = _held_by(refund.payment)
        at = getattr(refund, name)
        if name == "done_at":
            yield _move(at, CUSTOMERS, held, refund.amount, number, f"Remboursement {number}")
        elif name == "sent_back_at":
            yield _move(at, held, CUSTOMERS, refund.amount, number, f"Remboursement renvoyé {number}")
        else:
            yield _move(at, CUSTOMERS, BANK, refund.amount, number, f"Remboursement refait {number}")


def _movements(start: datetime, end: datetime) -> Iterator[Move]:
    for each in _rows(DisputeMovement.objects.select_related("dispute__payment__order"), "recorded_at", start, end):
        number = each.dispute.payment.order.number
        yield _move(
            each.recorded_at,
            LOST if each.is_after_loss else DISPUTED,
            PROVIDER,
            -each.amount,
            each.dispute.reference,
            f"Litige {number}",
            on=timezone.localdate(each.happened_at),
        )


def _losses(start: datetime, end: datetime) -> Iterator[Move]:
    """What had been taken back when the dispute was lost."""
    rows = Dispute.objects.select_related("payment__order").prefetch_related("movements")
    for dispute in _rows(rows, "lost_at", start, end):
        amount = -sum((each.amount for each in dispute.movements.all() if each.recorded_at <= dispute.lost_at), ZERO)
        if amount:
            text = f"Litige perdu {dispute.payment.order.number}"
            yield _move(dispute.lost_at, LOST, DISPUTED, amount, dispute.reference, text)


def _payouts(name: str, start: datetime, end: datetime) -> Iterator[Move]:
    for payout in _rows(Payout.objects.all(), name, start, end):
        at, reference = getattr(payout, name), payout.reference
        if name == "itemised_at":
            if payout.fees:
                yield _move(at, FEES, PROVIDER, payout.fees, reference, f"Commissions {reference}")
        elif payout.paid_at is not None and payout.amount:
            # One that failed before it was paid has moved nothing.
            accounts = (BANK, PROVIDER) if name == "paid_at" else (PROVIDER, BANK)
            text = f"Versement {reference}" if name == "paid_at" else f"Versement refusé {reference}"
            yield _move(at, *accounts, payout.amount, reference, text, on=payout.arrival_date)


def _rows(rows: QuerySet, name: str, start: datetime, end: datetime) -> Iterator[Any]:
    """Pages by moment and id: MySQL's driver would otherwise keep them all."""
    within = rows.filter(**{f"{name}__gte": start, f"{name}__lt": end}).order_by(name, "pk")
    page = within[:AT_ONCE]
    while found := list(page):
        yield from found
        last = found[-1]
        moment = getattr(last, name)
        page = within.filter(Q(**{f"{name}__gt": moment}) | Q(**{name: moment}, pk__gt=last.pk))[:AT_ONCE]


def _move(
    at: datetime, debit: str, credit: str, amount: Decimal, piece: str, text: str, on: date | None = None
) -> Move:
    """Less than nothing is the same the other way round."""
    if amount < ZERO:
        debit, credit = credit, debit
    return Move(at, debit, credit, round_cents(abs(amount)), piece, on or timezone.localdate(at), text)


def _held_by(payment: Payment) -> str:
    """The account on which a payment's money is at first."""
    gateway = gateways.get(payment.gateway)
    if gateway is None or gateway.is_remote:
        return PROVIDER
    return TILL if gateway.pays_later else BANK

"""Payouts: what providers transfer to the shop's account, with each line matched to a payment, refund or dispute."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.utils.translation import gettext as _

from apps.common.money import ZERO, round_cents
from apps.common.transactions import retry_on_deadlock
from apps.payments import gateways
from apps.payments.gateways.base import (
    GatewayError,
    LineKind,
    LineReport,
    PayoutReport,
    PayoutState,
    ProviderBooks,
)
from apps.payments.models import DisputeMovement, Payment, Payout, PayoutLine, Refund
from apps.payments.services.attempt import PaymentUnavailable

logger = structlog.get_logger(__name__)

# A payout may fail days after it was paid.
LOOK_BACK = timedelta(days=45)
# Money is on the account a week after it was taken, two with holidays; a shop may choose to be paid each month.
LATE = timedelta(days=40)
AT_ONCE = 500
LISTED = 100
Kind, Match = PayoutLine.Kind, PayoutLine.Match


@dataclass
class Reconciled:
    """Payouts that a run has seen, the new ones among them, lines that it wrote; and what of all is not what the shop
    knows: lines, payouts that are not the sum of theirs, payments on no payout. Lists hold the newest."""

    payouts: int = 0
    new: int = 0
    lines: int = 0
    unexplained: list[PayoutLine] = field(default_factory=list)
    unexplained_count: int = 0
    unequal: list[Payout] = field(default_factory=list)
    missing: list[Payment] = field(default_factory=list)
    missing_count: int = 0


def reconcile_payouts(*, now: datetime) -> Reconciled:
    """Fetch the payouts of the last weeks with their lines, and match what was not matched yet. Safe to repeat, and to
    run twice at once. Raises PaymentUnavailable when a provider does not answer; what was fetched by then stays."""
    payouts = new = lines = 0
    for code, books in gateways.with_books().items():
        try:
            for report in books.payouts(since=now - LOOK_BACK):
                payout, is_new = _record(gateway_code=code, report=report, now=now)
                payouts, new = payouts + 1, new + is_new
                if report.is_itemised and payout.itemised_at is None:
                    lines += _itemise(books, payout, now=now)
        except GatewayError as error:
            raise PaymentUnavailable(_("Le prestataire ne répond pas : réessayez plus tard."), gateway=code) from error
    match_lines()
    return replace(state_of_payouts(now=now), payouts=payouts, new=new, lines=lines)


def state_of_payouts(*, now: datetime) -> Reconciled:
    """How the payouts stand that the shop has. Nothing is asked or written."""
    unexplained = PayoutLine.objects.unexplained()
    missing = payments_without_payout(now=now)
    return Reconciled(
        payouts=Payout.objects.count(),
        unexplained=list(unexplained.select_related("payout").order_by("-pk")[:LISTED]),
        unexplained_count=unexplained.count(),
        unequal=list(unequal_payouts()),
        missing=list(missing.select_related("order")[:LISTED]),
        missing_count=missing.count(),
    )


def payments_without_payout(*, now: datetime) -> QuerySet[Payment]:
    """Captured long ago, after the first payout with lines that the shop has of the provider, and on none of them.
    Where people order payouts by hand there are no lines, and nothing is missing."""
    itemised = Payout.objects.filter(gateway=OuterRef("gateway"), itemised_at__isnull=False)
    first = itemised.order_by("initiated_at").values("initiated_at")[:1]
    lines = PayoutLine.objects.filter(payment=OuterRef("pk"), kind=Kind.PAYMENT)
    late = Payment.objects.captured().filter(gateway__in=list(gateways.with_books()), captured_at__lt=now - LATE)
    return late.filter(~Exists(lines), captured_at__gt=first).order_by("captured_at", "pk")


def unequal_payouts() -> QuerySet[Payout]:
    """Itemised ones whose lines are not what was transferred, to the cent."""
    nets = PayoutLine.objects.filter(payout=OuterRef("pk")).order_by().values("payout").annotate(sum=Sum("net"))
    itemised = Payout.objects.filter(itemised_at__isnull=False).annotate(explained=nets.values("sum"))
    wrong = [each.pk for each in itemised.iterator() if round_cents(each.explained or ZERO) != each.amount]
    return Payout.objects.filter(pk__in=wrong).order_by("pk")


@retry_on_deadlock
def _record(*, gateway_code: str, report: PayoutReport, now: datetime) -> tuple[Payout, bool]:
    with transaction.atomic(durable=True):
        payout, is_new = Payout.objects.get_or_create(
            gateway=gateway_code,
            reference=report.reference,
            defaults={
                "status": report.state.value,
                "amount": report.amount,
                "initiated_at": report.initiated_at,
                "arrival_date": report.arrival_date,
                "recorded_at": now,
            },
        )
        payout = Payout.objects.select_for_update().get(pk=payout.pk)
        payout.status, payout.arrival_date = report.state.value, report.arrival_date
        if report.state == PayoutState.PAID:
            payout.paid_at = payout.paid_at or now
        elif report.state in (PayoutState.FAILED, PayoutState.CANCELLED):
            payout.failed_at = payout.failed_at or now
        payout.save()
    return payout, is_new


def _itemise(books: ProviderBooks, payout: Payout, *, now: datetime) -> int:
    """Fetch the lines, which may be many: pages of them are written as they come, once each, and the payout is itemised
    when all are there. A run that dies in between is taken up by the next."""
    count = 0
    reports = books.payout_lines(reference=payout.reference)
    while some := tuple(islice(reports, AT_ONCE)):
        count += _write_lines(payout, some)
    fees = PayoutLine.objects.filter(payout=payout).aggregate(fees=Sum("fee", default=ZERO))["fees"]
    own = PayoutLine.objects.filter(payout=payout, kind=Kind.FEE).aggregate(own=Sum("amount", default=ZERO))["own"]
    total = round_cents(fees - own)
    Payout.objects.filter(pk=payout.pk, itemised_at=None).update(itemised_at=now, fees=total)
    return count


@retry_on_deadlock
def _write_lines(payout: Payout, reports: tuple[LineReport, ...]) -> int:
    with transaction.atomic(durable=True):
        Payout.objects.select_for_update().get(pk=payout.pk)
        existing = set(payout.lines.filter(reference__in=[each.reference for each in reports]).values_list("reference"))
        fresh = [
            PayoutLine(
                payout=payout,
                reference=each.reference,
                kind=each.kind.value,
                amount=each.amount,
                fee=each.fee,
                net=each.net,
                happened_at=each.happened_at,
                source=each.source[:120],
                source_payment=each.payment[:120],
                description=each.description[:200],
                # The provider's own; there is nothing to compare them with.
                match=Match.SAME if each.kind == LineKind.FEE else Match.UNKNOWN,
            )
            for each in reports
            if (each.reference,) not in existing
        ]
        PayoutLine.objects.bulk_create(fresh)
    return len(fresh)


def match_lines() -> int:
    """Match lines that are not what the shop knows yet: a refund made in the dashboard may have been found since.
    Returns how many are now. Three queries for each five hundred lines, and one to write them."""
    matched = 0
    lines = _waiting()
    while some := tuple(islice(lines, AT_ONCE)):
        ours = _Ours.of(some)
        found = [line for line in some if ours.match(line)]
        PayoutLine.objects.bulk_update(found, ["match", "payment", "refund", "dispute"])
        matched += sum(line.match == Match.SAME for line in found)
    return matched


def _waiting() -> Iterator[PayoutLine]:
    last = 0
    lines = PayoutLine.objects.unexplained().exclude(kind=Kind.OTHER).select_related("payout").order_by("pk")
    while rows := list(lines.filter(pk__gt=last)[:AT_ONCE]):
        yield from rows
        last = rows[-1].pk


@dataclass(frozen=True)
class _Ours:
    """What the shop knows of what some lines are about, by gateway and reference."""

    payments: dict[tuple[str, str], Payment]
    refunds: dict[tuple[str, str], Refund]
    movements: dict[tuple[str, str], DisputeMovement]

    @classmethod
    def of(cls, lines: tuple[PayoutLine, ...]) -> "_Ours":
        payments = Payment.objects.captured().filter(reference__in={line.source_payment for line in lines} - {""})
        refunds = Refund.objects.filter(reference__in={line.source for line in lines} - {""}, status=Refund.Status.DONE)
        movements = DisputeMovement.objects.filter(reference__in={line.reference for line in lines})
        return cls(
            {(each.gateway, each.reference or ""): each for each in payments},
            {(each.payment.gateway, each.reference): each for each in refunds.select_related("payment")},
            {
                (each.dispute.payment.gateway, each.reference): each
                for each in movements.select_related("dispute__payment")
            },
        )

    def match(self, line: PayoutLine) -> bool:
        """Whether what the line is about is known; sets it on the line, with whether the amount is the same."""
        gateway = line.payout.gateway
        if line.kind == Kind.PAYMENT:
            payment = self.payments.get((gateway, line.source_payment))
            if payment is None:
                return False
            line.payment, amount = payment, payment.amount
        elif line.kind in (Kind.REFUND, Kind.REFUND_BACK):
            refund = self.refunds.get((gateway, line.source))
            if refund is None:
                return False
            line.refund, line.payment = refund, refund.payment
            amount = -refund.amount if line.kind == Kind.REFUND else refund.amount
        else:
            movement = self.movements.get((gateway, line.reference))
            if movement is None:
                return False
            line.dispute, line.payment, amount = movement.dispute, movement.dispute.payment, movement.amount
        line.match = Match.SAME if line.amount == amount else Match.OTHER_AMOUNT
        return True

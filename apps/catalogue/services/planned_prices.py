"""Reductions that begin and end at a time that staff chose.

Each is a half-open interval, `starts_at <= now < ends_at`. After every run of `apply_planned_prices` the price of a
variant follows from its regular price and its intervals alone: of those that cover this instant, and were neither
refused nor stopped, the lowest amount is asked; where there is none, the regular price. The order in which they were
planned, began or were found by a late run does not matter.

Each is judged once, when it begins: its amount must be below the reference price (`prices`), which for one that begins
while another runs, or at the instant another ends, is that of the first of them (art. L112-1-1, I, third paragraph). A
price set by hand, by an import or by staff, stops those that have begun. A reduction announced by hand without an end
counts as one more until it is ended by hand or one as low or lower begins, which takes its place and gives it its end.

The variant is locked before its planned reductions, here as in `prices`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.catalogue.models import PlannedReduction, Variant
from apps.catalogue.services.prices import (
    REFERENCE_DAYS,
    ask_locked,
    check_reduction,
    lock_variant,
    next_instant,
    reference_of_locked,
)
from apps.common.errors import DomainError
from apps.common.money import ZERO, format_euros
from apps.common.transactions import retry_on_deadlock

State = PlannedReduction.State


class AlreadyOver(DomainError):
    """Its end has passed: it would never begin."""

    code = "reduction_already_over"


class SpoilsAnother(DomainError):
    """It would lower the reference price of one that is planned for later, which would then be refused."""

    code = "reduction_spoils_another"


class HasBegun(DomainError):
    """Only one that has not begun is changed or deleted; one that runs is stopped."""

    code = "reduction_has_begun"


def apply_planned_prices(*, now: datetime, limit: int = 500) -> int:
    """Set at most `limit` variants to the price that their planned reductions give now; returns how many changed state.

    Run every minute; a repeat finds nothing. Each variant in a transaction of its own: one that times out or
    fails does not undo the others, and the next run does the rest.
    """
    due = Q(state=State.RUNNING, ends_at__lte=now) | Q(state=State.PLANNED, starts_at__lte=now)
    variants = PlannedReduction.objects.filter(due).order_by("variant").values_list("variant", flat=True).distinct()
    return sum(_settle(variant_id=variant_id, now=now) for variant_id in list(variants[:limit]))


@retry_on_deadlock
def plan_reduction(*, planned: PlannedReduction, by: User | None, now: datetime) -> None:
    """Write a new reduction, or the new dates and amount of one that has not begun. See `check_plan` for what it raises
    beside HasBegun."""
    with transaction.atomic():
        lock_variant(variant_id=planned.variant_id)
        if planned.pk:
            held = PlannedReduction.objects.select_for_update().filter(pk=planned.pk).first()
            if held is None or held.state != State.PLANNED:
                raise HasBegun(_("Cette réduction n’attend plus son début : elle ne se modifie plus."))
        check_plan(planned=planned, now=now)
        planned.author, planned.state = by, State.PLANNED
        planned.save()


@retry_on_deadlock
def cancel_planned(*, planned: PlannedReduction) -> None:
    """Delete one that has not begun, or was refused. Raises HasBegun."""
    deletable = PlannedReduction.objects.filter(pk=planned.pk, state__in=[State.PLANNED, State.REFUSED])
    if not deletable.delete()[0] and PlannedReduction.objects.filter(pk=planned.pk).exists():
        raise HasBegun(_("Cette réduction a commencé : arrêtez-la, elle reste dans la liste."))


@retry_on_deadlock
def stop_planned(*, planned: PlannedReduction, by: User | None, now: datetime) -> bool:
    """End one before its end; the price goes to the next lowest that runs, or to the regular one. False when it does
    not run."""
    with transaction.atomic(durable=True):
        variant = lock_variant(variant_id=planned.variant_id)
        running = PlannedReduction.objects.filter(pk=planned.pk, state=State.RUNNING)
        if not running.exists():
            return False
        rows = list(_open(variant.pk))
        announced = _announced_by_hand(variant, rows)
        running.update(state=State.ENDED, stopped_at=now)
        rows = [row for row in rows if row.pk != planned.pk]
        _ask(variant, rows, announced, reference=variant.reference_price, author=by, now=now)
    return True


def check_plan(*, planned: PlannedReduction, now: datetime) -> None:
    """Refuse now what would be refused at its start, as far as today's prices and the other plans show.

    Raises AlreadyOver, NoReferencePrice, NotAReduction, SpoilsAnother. Three queries.
    """
    if planned.ends_at <= now:
        raise AlreadyOver(_("Cette période est déjà passée : choisissez une fin à venir."))
    variant = Variant.objects.get(pk=planned.variant_id)
    others = [row for row in _open(variant.pk, lock=False) if row.pk != planned.pk]
    ledger = list(variant.price_entries.order_by("effective_at").values_list("effective_at", "amount", "kind"))
    now = next_instant(ledger[-1][0] if ledger else None, now)
    foreseen = _foresee(variant, ledger, [*others, planned], now=now)
    own = foreseen[-1]
    check_reduction(amount=planned.amount, reference=own.reference)
    already = _foresee(variant, ledger, others, now=now)
    for before, after in zip(already, foreseen, strict=False):
        if before.begins and not after.begins:
            raise SpoilsAnother(
                _(
                    "La réduction à %(amount)s prévue le %(date)s ne pourrait plus commencer : le prix le plus bas "
                    "des 30 jours avant elle serait de %(reference)s. Déplacez l’une des deux, ou faites-les se "
                    "suivre sans interruption."
                )
                % {
                    "amount": format_euros(after.planned.amount),
                    "date": date_format(localtime(after.planned.starts_at), "j F"),
                    "reference": format_euros(after.reference or ZERO),
                }
            )


def refused_lately(*, now: datetime, days: int = 7) -> QuerySet[PlannedReduction]:
    """Refused reductions that staff may still want to correct: until some days after their end."""
    return (
        PlannedReduction.objects.filter(state=State.REFUSED, ends_at__gt=now - timedelta(days=days))
        .select_related("variant__product")
        .order_by("-starts_at", "-pk")
    )


@retry_on_deadlock
def _settle(*, variant_id: int, now: datetime) -> int:
    with transaction.atomic(durable=True):
        variant = lock_variant(variant_id=variant_id)
        rows = list(_open(variant_id))
        announced = _announced_by_hand(variant, rows)
        reference = reference_of_locked(variant=variant, now=now) if _begins(rows, now) else variant.reference_price
        moved = [row for row in rows if _move(row, variant, reference, now=now)]
        _ask(variant, rows, announced, reference=reference, author=None, now=now)
        for row in moved:
            row.save(update_fields=["state", "refusal", "stopped_at"])
    return len(moved)


def _open(variant_id: int, *, lock: bool = True) -> QuerySet[PlannedReduction]:
    """Those of a variant that may still count, in the order they begin."""
    rows = PlannedReduction.objects.filter(variant=variant_id, state__in=[State.PLANNED, State.RUNNING])
    rows = rows.select_related("author").order_by("starts_at", "pk")
    return rows.select_for_update(of=("self",)) if lock else rows


def _begins(rows: Iterable[PlannedReduction], now: datetime) -> bool:
    return any(row.state == State.PLANNED and row.starts_at <= now < row.ends_at for row in rows)


def _announced_by_hand(variant: Variant, rows: Iterable[PlannedReduction]) -> Decimal | None:
    """The price of a reduction that runs without a plan: one lower than every planned one that has begun."""
    begun = [row.amount for row in rows if row.state == State.RUNNING]
    return variant.price if variant.is_reduced and all(variant.price < amount for amount in begun) else None


def _move(row: PlannedReduction, variant: Variant, reference: Decimal | None, *, now: datetime) -> bool:
    """Give one row the state it has now; False when it has it already. Writes nothing."""
    if row.state == State.RUNNING:
        if row.ends_at <= now:
            row.state = State.ENDED
        elif not variant.is_reduced:
            # The price was set by hand meanwhile, by a release that did not stop it.
            row.state, row.stopped_at = State.ENDED, now
        else:
            return False
    elif row.ends_at <= now:
        row.state, row.refusal = State.REFUSED, _("la période était passée avant qu’elle commence")
    elif row.starts_at <= now:
        try:
            check_reduction(amount=row.amount, reference=reference)
            row.state = State.RUNNING
        except DomainError as error:
            row.state, row.refusal = State.REFUSED, error.message[:200]
    else:
        return False
    return True


def _ask(
    variant: Variant,
    rows: Sequence[PlannedReduction],
    announced: Decimal | None,
    *,
    reference: Decimal | None,
    author: User | None,
    now: datetime,
) -> None:
    """Ask the lowest of what runs, or the regular price. Writes nothing when that is asked already."""
    running = [row for row in rows if row.state == State.RUNNING]
    lowest = min(running, key=lambda row: (row.amount, row.starts_at, row.pk), default=None)
    reduced = min(([announced] if announced is not None else []) + [row.amount for row in running], default=None)
    if reduced == (variant.price if variant.is_reduced else None):
        return
    author = lowest.author if lowest else author or next((row.author for row in rows if row.state == State.ENDED), None)
    ask_locked(variant=variant, reduced=reduced, reference=reference, author=author, now=now)


@dataclass(slots=True)
class _Foreseen:
    planned: PlannedReduction
    begins: bool = False
    reference: Decimal | None = None


def _foresee(
    variant: Variant,
    ledger: Sequence[tuple[datetime, Decimal, str]],
    rows: Sequence[PlannedReduction],
    *,
    now: datetime,
) -> list[_Foreseen]:
    """The outcome of each row, in the order given, if nobody sets a price meanwhile. No query."""
    prices = [(at, amount) for at, amount, _kind in ledger]
    running = [row.state == State.RUNNING and variant.is_reduced for row in rows]
    foreseen = [
        _Foreseen(row, begins=runs, reference=variant.reference_price) for row, runs in zip(rows, running, strict=True)
    ]
    announced = _announced_by_hand(variant, rows)
    price, reference = variant.price, variant.reference_price
    instants = {now} | {at for row in rows for at in (row.starts_at, row.ends_at) if at > now}
    for at in sorted(instants):
        for item in foreseen:
            row = item.planned
            if row.state != State.RUNNING and max(row.starts_at, now) == at < row.ends_at:
                item.reference = reference if reference is not None else _lowest(prices, before=at)
                item.begins = item.reference is not None and row.amount < item.reference
        covering = [item for item in foreseen if item.begins and item.planned.starts_at <= at < item.planned.ends_at]
        amounts = [item.planned.amount for item in covering] + ([announced] if announced is not None else [])
        if amounts and reference is None:
            reference = covering[0].reference
        if not amounts:
            reference = None
        asked = min(amounts, default=variant.regular_price)
        if asked != price:
            prices.append((at, asked))
            price = asked
        if announced is not None and any(item.planned.amount <= announced for item in covering):
            announced = None
    return foreseen


def _lowest(prices: Sequence[tuple[datetime, Decimal]], *, before: datetime) -> Decimal | None:
    opening = before - timedelta(days=REFERENCE_DAYS)
    asked = [amount for at, amount in prices if opening < at < before]
    in_force = [amount for at, amount in prices if at <= opening][-1:]
    return min([*asked, *in_force], default=None)

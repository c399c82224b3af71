"""The price ledger, and a variant's price, regular price and reference price, which follow from it.

Art. L112-1-1, I code de la consommation (directive 98/6/CE, art. 6 bis): an announced reduction names the lowest price
asked from all consumers in the 30 days before it was applied (second paragraph); for « réductions de prix successives
pendant une période déterminée », the price asked before the first of them was applied (third paragraph, which uses and
widens the directive's art. 6 bis (5), made for reductions that grow). So reductions that follow each other without
interruption keep the reference of the first. The Code knows no exception for young products: one on sale for less than
30 days is measured by the lowest price since it is on sale, as the Commission reads the directive (2021/C 526/02, point
2.1). Thirty days are thirty times 24 hours back from the instant the reduction begins.

What begins and ends by itself is in `planned_prices`; a price set here by hand stops the planned reductions that have
begun, and leaves alone those to come.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from apps.accounts.models import User
from apps.catalogue.models import PlannedReduction, PriceEntry, Variant
from apps.catalogue.services.listing import refresh_listing
from apps.common.errors import DomainError
from apps.common.money import ZERO, format_euros, round_cents
from apps.common.transactions import retry_on_deadlock

REFERENCE_DAYS = 30
HIGHEST_PRICE = Decimal("99999999.99")
_TICK = timedelta(microseconds=1)
_AMOUNTS = ["price", "regular_price", "reference_price", "updated_at"]


class InvalidPrice(DomainError):
    code = "invalid_price"


class InvalidLedger(DomainError):
    code = "invalid_ledger"


class NotAReduction(DomainError):
    """The amount is not below the lowest price of the 30 days before: announcing it would mislead."""

    code = "not_a_reduction"


class NoReferencePrice(DomainError):
    """The variant was never on sale before, so there is no earlier price to reduce."""

    code = "no_reference_price"


def set_price(
    *, variant: Variant, amount: Decimal, author: User | None = None, reason: str = "", now: datetime
) -> None:
    """Ask this price from now on; every running reduction ends. Asking the current price again writes nothing.

    Locks the variant and updates the three amounts on the instance that was passed.
    """
    set_prices(amounts={variant.pk: amount}, author=author, reason=reason, now=now)
    _reload(variant)


@retry_on_deadlock
def set_prices(
    *, amounts: Mapping[int, Decimal], author: User | None = None, reason: str = "", now: datetime
) -> list[int]:
    """`set_price` for many variants by primary key; returns those whose price changed. Locks them in pk order."""
    wanted = {pk: _checked(amount) for pk, amount in amounts.items()}
    with transaction.atomic():
        variants = _locked(wanted)
        last = _last_instants(wanted)
        changed, reduced = [], []
        for variant in variants:
            amount = wanted[variant.pk]
            if variant.pk in last and not variant.is_reduced and variant.price == variant.regular_price == amount:
                continue
            if variant.is_reduced:
                reduced.append(variant)
            variant.price = variant.regular_price = amount
            variant.reference_price = None
            changed.append(variant)
        _stop_planned(reduced, now=now)
        _write(changed, PriceEntry.Kind.REGULAR, last, author=author, reason=reason, now=now)
    return [variant.pk for variant in changed]


def open_ledgers(*, variants: Iterable[Variant], author: User | None = None, reason: str = "", now: datetime) -> None:
    """Write the first ledger line of variants that were just created with their price; no ledger may exist yet."""
    PriceEntry.objects.bulk_create(
        PriceEntry(variant=variant, amount=variant.price, effective_at=now, author=author, reason=reason)
        for variant in variants
    )


@retry_on_deadlock
def start_reduction(*, variant: Variant, amount: Decimal, author: User | None, now: datetime, reason: str = "") -> None:
    """Announce a reduction without an end, or deepen the running one, which keeps the reference price of its start.

    Raises NoReferencePrice for a variant never on sale before, NotAReduction when the amount is not below the
    reference. Making a running reduction smaller counts as a new one, so it is refused: its own price is the lowest,
    and without an end there is no « période déterminée » in which reductions could be successive.
    """
    amount = _checked(amount)
    with transaction.atomic():
        (locked,) = _locked([variant.pk])
        last = _last_instants([variant.pk])
        if locked.is_reduced and locked.price == amount:
            return
        reference = locked.reference_price
        if reference is None or amount > locked.price:
            reference = lowest_price(variant=locked, before=next_instant(last.get(locked.pk), now))
        locked.reference_price = check_reduction(amount=amount, reference=reference)
        locked.price = amount
        _write([locked], PriceEntry.Kind.REDUCTION, last, author=author, reason=reason, now=now)
    _reload(variant)


def lock_variant(*, variant_id: int) -> Variant:
    """The variant, locked until the caller's transaction ends. Whoever needs its planned reductions locks it first."""
    (locked,) = _locked([variant_id])
    return locked


def reference_of_locked(*, variant: Variant, now: datetime) -> Decimal | None:
    """What a reduction that begins now is measured by: the reference of the one that runs, which it follows without
    interruption; otherwise the lowest price of the 30 days before. None for a variant never on sale before."""
    if variant.is_reduced:
        return variant.reference_price
    last = _last_instants([variant.pk])
    return lowest_price(variant=variant, before=next_instant(last.get(variant.pk), now))


def ask_locked(
    *,
    variant: Variant,
    reduced: Decimal | None,
    reference: Decimal | None,
    author: User | None,
    now: datetime,
) -> None:
    """Ask the reduced price, or for None the regular one, of a variant that the caller has locked and checked."""
    last = _last_instants([variant.pk])
    variant.price, variant.reference_price = (variant.regular_price, None) if reduced is None else (reduced, reference)
    kind = PriceEntry.Kind.REGULAR if reduced is None else PriceEntry.Kind.REDUCTION
    _write([variant], kind, last, author=author, reason="", now=now)


def check_reduction(*, amount: Decimal, reference: Decimal | None) -> Decimal:
    """The reference, when this amount may be announced against it. Raises NoReferencePrice, NotAReduction."""
    if reference is None:
        raise NoReferencePrice(
            _("Ce modèle n’a encore jamais été en vente : fixez d’abord son prix courant, puis réduisez-le.")
        )
    if amount >= reference:
        raise NotAReduction(
            _("Le prix le plus bas des 30 derniers jours est de %(reference)s. Choisissez un prix inférieur.")
            % {"reference": format_euros(reference)},
            reference=reference,
        )
    return reference


def _stop_planned(variants: Sequence[Variant], *, now: datetime) -> None:
    """End the running planned reductions of variants whose price was set by hand. No query without variants."""
    if variants:
        PlannedReduction.objects.filter(
            variant__in=[variant.pk for variant in variants], state=PlannedReduction.State.RUNNING
        ).update(state=PlannedReduction.State.ENDED, stopped_at=now)


def lowest_price(*, variant: Variant, before: datetime, days: int = REFERENCE_DAYS) -> Decimal | None:
    """The lowest price asked at any instant of the `days` × 24 hours that end at `before` (excluded).

    Reductions count like any other price. None when the variant had no price before that instant. Two queries.
    """
    ledger = PriceEntry.objects.filter(variant=variant).order_by("effective_at")
    opening = before - timedelta(days=days)
    asked = list(ledger.filter(effective_at__gt=opening, effective_at__lt=before).values_list("amount", flat=True))
    in_force = ledger.filter(effective_at__lte=opening).values_list("amount", flat=True).last()
    return min([*asked, *([] if in_force is None else [in_force])], default=None)


@dataclass(frozen=True, slots=True)
class Amounts:
    """The amounts of a variant that follow from its whole ledger."""

    price: Decimal
    regular_price: Decimal
    reference_price: Decimal | None


def read_ledger(lines: Sequence[tuple[datetime, Decimal, str]], *, now: datetime) -> Amounts:
    """The amounts that (instant, amount, kind) lines lead to. Raises InvalidLedger for lines that no shop wrote."""
    instants = [instant for instant, _amount, _kind in lines]
    kinds = [kind for _instant, _amount, kind in lines]
    if not lines or sorted(set(instants)) != instants or instants[-1] > now or kinds[0] != PriceEntry.Kind.REGULAR:
        raise InvalidLedger(_("L’historique des prix n’est pas une suite de prix datés du passé."))
    last = len(lines) - 1
    regular = next(at for at in range(last, -1, -1) if kinds[at] == PriceEntry.Kind.REGULAR)
    if regular == last:
        return Amounts(_checked(lines[last][1]), _checked(lines[last][1]), None)
    opening = instants[regular + 1] - timedelta(days=REFERENCE_DAYS)
    reference = min(lines[at][1] for at in range(regular + 1) if instants[at + 1] > opening)
    if not lines[last][1] < reference:
        raise InvalidLedger(_("L’historique des prix annonce une réduction qui n’en est pas une."))
    return Amounts(_checked(lines[last][1]), _checked(lines[regular][1]), _checked(reference))


def _checked(amount: Decimal) -> Decimal:
    if not amount.is_finite() or not ZERO <= amount <= HIGHEST_PRICE or round_cents(amount) != amount:
        raise InvalidPrice(_("Un prix est un montant en euros et centimes, entre 0 et 99 999 999,99 €."))
    return round_cents(amount)


def _locked(pks: Iterable[int]) -> list[Variant]:
    return list(Variant.objects.filter(pk__in=list(pks)).order_by("pk").select_for_update())


def _last_instants(pks: Iterable[int]) -> dict[int, datetime]:
    ledger = PriceEntry.objects.filter(variant__in=list(pks)).order_by()
    return dict(ledger.values_list("variant").annotate(last=Max("effective_at")))


def next_instant(last: datetime | None, now: datetime) -> datetime:
    """`now`, or just after the last line: with two changes in one instant, or on hosts whose clocks differ, the lines
    follow the order of the lock."""
    return now if last is None or last < now else last + _TICK


def _write(
    variants: list[Variant],
    kind: PriceEntry.Kind,
    last: Mapping[int, datetime],
    *,
    author: User | None,
    reason: str,
    now: datetime,
) -> None:
    if not variants:
        return
    for variant in variants:
        variant.updated_at = now
    PriceEntry.objects.bulk_create(
        PriceEntry(
            variant=variant,
            amount=variant.price,
            kind=kind,
            effective_at=next_instant(last.get(variant.pk), now),
            author=author,
            reason=reason,
        )
        for variant in variants
    )
    bulk_update_with_history(
        variants, Variant, _AMOUNTS, batch_size=200, default_user=author, default_change_reason=reason or None
    )
    refresh_listing(product_ids={variant.product_id for variant in variants})


def _reload(variant: Variant) -> None:
    variant.refresh_from_db(fields=_AMOUNTS)

"""Receiving goods and counting them: codes are scanned or pasted, looked over, and booked in one transaction."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.catalogue.models import Category, Product, Stock, StockSheet, StockSheetLine, Variant
from apps.catalogue.services import stock
from apps.common.errors import DomainError
from apps.common.transactions import retry_on_deadlock

Kind, Status = StockSheet.Kind, StockSheet.Status
MOST_LINES = 2_000
MOST_PIECES = 1_000_000
# A reference of 80, what stands between, and seven digits.
_LONGEST_LINE = 120
_PIECES = re.compile(r"(?P<sku>.*?\S)(?:\s*[;,×*]\s*|\s+x\s+|\s+)(?P<pieces>\d{1,7})", re.ASCII)


class SheetClosed(DomainError):
    """Booked or discarded already: nothing of it changes any more."""

    code = "sheet_closed"


class SheetEmpty(DomainError):
    code = "sheet_empty"


@dataclass(frozen=True)
class Refused:
    """A line that was not taken, with why."""

    line: str
    reason: str


@dataclass
class Entry:
    """What became of the entered codes: lines taken, and those that were not."""

    taken: int = 0
    refused: list[Refused] = field(default_factory=list)

    @property
    def left(self) -> str:
        """What is still to be entered, as it was typed."""
        return "\n".join(refused.line for refused in self.refused)


def open_sheet(*, kind: str, note: str, category: Category | None, by: User, now: datetime) -> StockSheet:
    """A rayon is of a count alone."""
    rayon = category if kind == Kind.COUNT else None
    return StockSheet.objects.create(kind=kind, note=note, category=rayon, created_by=by, created_at=now)


@retry_on_deadlock
def enter_codes(*, sheet: StockSheet, text: str, token: str) -> Entry:
    """Add pieces by SKU or bar code, a line each: the code alone is one piece, a number behind it as many. A code that
    comes again adds up.

    The same `token` again adds nothing. Raises SheetClosed.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    with transaction.atomic():
        held = _lock_open(sheet)
        if held.last_entry == token:
            return Entry()
        entry, pieces = _read(held, lines)
        _add(held, pieces)
        StockSheet.objects.filter(pk=held.pk).update(last_entry=token)
    return entry


@retry_on_deadlock
def set_pieces(*, sheet: StockSheet, pieces: Mapping[int, int | None]) -> None:
    """Line id → pieces; None takes the line out. Lines of other sheets are passed over. Raises SheetClosed."""
    with transaction.atomic():
        held = _lock_open(sheet)
        lines = {line.pk: line for line in held.lines.filter(pk__in=pieces)}
        held.lines.filter(pk__in=[pk for pk in lines if pieces[pk] is None]).delete()
        changed = [line for pk, line in lines.items() if pieces[pk] not in (None, line.pieces)]
        on_hand = _on_hand(line.variant_id for line in changed)
        for line in changed:
            line.pieces = pieces[line.pk] or 0
            # Counted again, it was compared with the stock of now.
            line.seen_on_hand = on_hand.get(line.variant_id, 0)
        StockSheetLine.objects.bulk_update(changed, ["pieces", "seen_on_hand"], batch_size=500)


@retry_on_deadlock
def book_sheet(*, sheet: StockSheet, by: User, now: datetime) -> int:
    """Write the sheet into the stock; returns how many variants moved.

    A receipt adds its pieces. A count moves each stock by the difference that was seen when it was counted, so that
    pieces sold since stay sold. Only one of two clicks counts. Raises SheetClosed, SheetEmpty, and StockReserved with
    the variants whose count lies below what orders have reserved, nothing written.
    """
    with transaction.atomic():
        held = _lock_open(sheet)
        lines = list(held.lines.select_related("variant"))
        if not lines:
            raise SheetEmpty(_("Cette feuille est vide : saisissez au moins un code."))
        closed = StockSheet.objects.filter(pk=held.pk, status=Status.OPEN)
        closed.update(status=Status.BOOKED, closed_by=by, closed_at=now)
        return stock.book_deltas(
            deltas={line.variant_id: delta_of(held, line) for line in lines},
            reason=stock.StockMovement.Reason.RECEIPT
            if held.kind == Kind.RECEIPT
            else stock.StockMovement.Reason.CORRECTION,
            note=_title(held)[:200],
            author=by,
            now=now,
        )


def discard_sheet(*, sheet: StockSheet, by: User, now: datetime) -> None:
    """Raises SheetClosed."""
    rows = StockSheet.objects.filter(pk=sheet.pk, status=Status.OPEN)
    if not rows.update(status=Status.DISCARDED, closed_by=by, closed_at=now):
        raise _closed()


def delta_of(sheet: StockSheet, line: StockSheetLine) -> int:
    """What booking does to the stock."""
    return line.pieces if sheet.kind == Kind.RECEIPT else line.pieces - line.seen_on_hand


def to_count(sheet: StockSheet) -> QuerySet[Variant]:
    """The variants of the sheet's rayon, or of the whole shop, rayon by rayon: those on sale, and those with pieces."""
    is_sold = Q(is_active=True) & ~Q(product__state=Product.State.ARCHIVED)
    variants = Variant.objects.filter(is_sold | Q(stock__on_hand__gt=0))
    if sheet.category is not None:
        variants = variants.filter(product__category__path__startswith=sheet.category.path)
    return variants.select_related("product__category", "stock").order_by(
        "product__category__path", "product__name_fr", "product_id", "position", "pk"
    )


def _title(sheet: StockSheet) -> str:
    """« réception 12 : BL 4711 »"""
    return f"{sheet} : {sheet.note}" if sheet.note else str(sheet)


def _lock_open(sheet: StockSheet) -> StockSheet:
    held = StockSheet.objects.select_for_update().filter(pk=sheet.pk, status=Status.OPEN).first()
    if held is None:
        raise _closed()
    return held


def _closed() -> SheetClosed:
    return SheetClosed(_("Cette feuille est déjà close : rechargez la page pour la voir telle qu’elle est."))


def _read(sheet: StockSheet, lines: list[str]) -> tuple[Entry, dict[int, int]]:
    """Pieces by variant, in the order of entry. Three queries, whatever their number."""
    taken, late = lines[:MOST_LINES], lines[MOST_LINES:]
    codes = _Codes(taken)
    held = dict(sheet.lines.values_list("variant", "pieces"))
    entry, pieces = Entry(), dict[int, int]()
    for line in taken:
        variant, count = codes.find(line), 1
        if variant is None and (apart := _apart(line)):
            variant, count = codes.find(apart["sku"]), int(apart["pieces"])
        if variant is None:
            entry.refused.append(Refused(line, _("aucun modèle n’a cette référence ni ce code-barres")))
        elif held.get(variant, 0) + pieces.get(variant, 0) + count > MOST_PIECES:
            entry.refused.append(Refused(line, _("ce nombre de pièces est trop grand : n’est-ce pas un code ?")))
        else:
            pieces[variant] = pieces.get(variant, 0) + count
            entry.taken += 1
    entry.refused += [Refused(line, _("trop de lignes à la fois : envoyez-la ensuite")) for line in late]
    return entry, pieces


def _apart(line: str) -> re.Match[str] | None:
    """A code and its pieces."""
    return _PIECES.fullmatch(line) if len(line) <= _LONGEST_LINE else None


class _Codes:
    """Variants by SKU, as written or else in whatever case, and by bar code (EAN-13, or UPC-A without its zero)."""

    def __init__(self, lines: Iterable[str]) -> None:
        written = set()
        for line in lines:
            written.add(line)
            if apart := _apart(line):
                written.add(apart["sku"])
        spelled = {each for code in written for each in (code, code.upper(), code.lower())}
        eans = {code.zfill(13) for code in written if code.isascii() and code.isdigit() and len(code) in (12, 13)}
        skus = Variant.objects.filter(sku__in=spelled).order_by("pk").values_list("sku", "pk")
        self._exact = dict(skus)
        self._folded = {sku.lower(): pk for sku, pk in self._exact.items()}
        self._by_ean = dict(Variant.objects.filter(ean13__in=eans).values_list("ean13", "pk"))

    def find(self, code: str) -> int | None:
        return self._exact.get(code) or self._folded.get(code.lower()) or self._by_ean.get(code.zfill(13))


def _add(sheet: StockSheet, pieces: Mapping[int, int]) -> None:
    held = {line.variant_id: line for line in sheet.lines.filter(variant__in=pieces)}
    on_hand = _on_hand(pieces.keys() - held.keys())
    for variant, line in held.items():
        line.pieces += pieces[variant]
    StockSheetLine.objects.bulk_update(held.values(), ["pieces"], batch_size=500)
    StockSheetLine.objects.bulk_create(
        StockSheetLine(sheet=sheet, variant_id=variant, pieces=count, seen_on_hand=on_hand.get(variant, 0))
        for variant, count in pieces.items()
        if variant not in held
    )


def _on_hand(variants: Iterable[int]) -> dict[int, int]:
    return dict(Stock.objects.filter(pk__in=list(variants)).values_list("pk", "on_hand"))


def booked_sentence(count: int) -> str:
    return ngettext("%(count)d modèle a changé de stock.", "%(count)d modèles ont changé de stock.", count) % {
        "count": count
    }

"""Reads a former shop's file: one record at a time, so that memory does not grow with it."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from apps.common.letters import fold
from apps.common.money import ZERO
from apps.common.names import split_name
from apps.common.spreadsheets import unguard
from apps.common.tabular.choice import chosen_table, column_keys
from apps.common.tabular.errors import Refusal, UnreadableFile
from apps.common.tabular.header import normalised
from apps.common.tabular.rejects import rows_of
from apps.common.tabular.rows import Row
from apps.common.tabular.source import Tabular, open_table
from apps.common.tabular.table import Table
from apps.imports.catalogue.values import plain
from apps.imports.history import values
from apps.imports.history.choice import COLUMNS, DAY, ITEMS, NEEDS, HistoryChoice, Kind
from apps.imports.history.columns import CUSTOMERS, ENGLISH, LINE_ITEM, ORDERS, WORDS, program_of
from apps.imports.history.records import CustomerRecord, LineRecord, OrderRecord, Refused, RefusedCell
from apps.orders.models import PastOrder

T = TypeVar("T")
Record = CustomerRecord | OrderRecord | Refused
# WooCommerce's list of products in one cell: « 2× Miel, 1× Pain ».
_LISTED = re.compile(r"(\d+)\s*[×x]\s+(.+?)(?=,\s*\d+\s*[×x]\s|$)")


class UnknownColumns(UnreadableFile):
    """A table whose header says neither customers nor orders: a person says what its columns are."""


@dataclass
class _Cells:
    """The cells of one row by column. What refuses one of them learns what the file calls its column."""

    table: Table
    found: dict[str, str]

    def take(self, column: str, read: Callable[..., T], **options: Any) -> T:
        try:
            return read(self.found.get(column, ""), **options)
        except RefusedCell as refused:
            refused.column = self.table.name(column) if self.table.has(column) else ""
            raise

    def text(self, column: str, *, longest: int) -> str:
        return self.take(column, values.text, longest=longest)

    def raw(self, column: str) -> str:
        return unguard(plain(self.found.get(column, "")))


class HistoryFile:
    """A file of customers or of orders, as a person said or its header says. Raises UnknownColumns where neither does,
    and UnreadableFile for what is no table."""

    def __init__(
        self, open_: Callable[[], Any], name: str, choice: HistoryChoice | None = None, *, encoding: str = ""
    ) -> None:
        self._has_header = choice is None or choice.has_header
        self.source: Tabular = open_table(open_, name, words=WORDS, encoding=encoding, has_header=self._has_header)
        header = self.source.header
        self.program = program_of(header)
        self._states = choice.states if choice is not None else {}
        if choice is not None:
            self._choose(header, choice)
            return
        orders = Table(header, ORDERS)
        if all(orders.has(column) for column in NEEDS[Kind.ORDERS]):
            self.kind, self.table = Kind.ORDERS, orders
        else:
            self.kind, self.table = Kind.CUSTOMERS, Table(header, CUSTOMERS)
            self._check(orders)
        names = [normalised(each) for each in header]
        self._first = "" if any(name in ENGLISH for name in names) else DAY
        self._items = [at for at, name in enumerate(names) if re.fullmatch(rf"{LINE_ITEM}\d+", name)]

    def _choose(self, header: list[str], choice: HistoryChoice) -> None:
        self.kind, self._first = choice.kind, choice.dates
        self.table = chosen_table(header, COLUMNS[choice.kind], choice.columns, has_header=choice.has_header)
        keys = column_keys(header, has_header=choice.has_header)
        self._items = [at for at, key in enumerate(keys) if choice.columns.get(key) == ITEMS]

    def _check(self, orders: Table) -> None:
        if self.table.has("email") and not (orders.has("total") and orders.has("placed_at")):
            return
        labels = {"number": _("numéro de commande"), "placed_at": _("date"), "total": _("total TTC")}
        missing = [label for column, label in labels.items() if not orders.has(column)]
        raise UnknownColumns(
            _(
                "Ce fichier n’est ni une liste de clients (il faut une colonne d’adresse e-mail), ni une liste de "
                "commandes (il y manque : %(missing)s). Colonnes lues : %(columns)s."
            )
            % {"missing": ", ".join(missing), "columns": ", ".join(self.source.header)[:200]}
        )

    @property
    def ignored(self) -> str:
        return next((notice.text for notice in self.table.notices()), "")

    def records(self, *, now: datetime) -> Iterator[Record]:
        self._ids: dict[str, str] = {}
        if self.kind is Kind.CUSTOMERS:
            for row in rows_of(self.source, has_header=self._has_header):
                yield self._one(lambda row=row: self._customer(row), [row])
        else:
            for rows in self._orders():
                yield from self._whole(rows, now)

    def _whole(self, rows: list[Row], now: datetime) -> Iterator[Record]:
        """An order, or a refusal for each of its rows: there is no half of an order."""
        found = self._one(lambda: self._order(rows, now), rows)
        yield found
        if isinstance(found, Refused):
            for row in rows:
                if row is not found.row:
                    reason = _("autre ligne d’une commande refusée (ligne %(line)s)") % {"line": found.row.line}
                    yield Refused(row, "", "", reason, _("Corrigez la commande entière."))

    def _one(self, read: Callable[[], Record], rows: list[Row]) -> Record:
        try:
            return read()
        except _AtRow as at:
            row, refusal = at.row, at.refusal
        except Refusal as error:
            row, refusal = rows[0], error
        if isinstance(refusal, RefusedCell):
            return Refused(row, refusal.column, refusal.value, refusal.reason, refusal.remedy)
        return Refused(row, "", "", str(refusal), _("Corrigez la ligne dans le tableur, puis redonnez-la."))

    def _cells(self, row: Row) -> _Cells:
        if row.is_total:
            raise RefusedCell(_("ligne de total"), remedy=_("Il n’y a rien à faire."))
        return _Cells(self.table, self.table.read(row))

    def _customer(self, row: Row) -> CustomerRecord:
        cells = self._cells(row)
        first, last = self._names(cells, longest=80)
        return CustomerRecord(
            row=row,
            email=cells.take("email", values.email),
            first_name=first,
            last_name=last,
            phone=cells.take("phone", values.phone),
            company=cells.text("company", longest=120),
            line1=cells.text("line1", longest=120),
            line2=cells.text("line2", longest=120),
            postcode=cells.take("postcode", values.postcode),
            city=cells.text("city", longest=80),
            country=cells.take("country", values.country),
        )

    def _names(self, cells: _Cells, *, longest: int) -> tuple[str, str]:
        """First and last name. « Nom » is the last one beside a column of first names, else the whole name."""
        first, last = cells.text("first_name", longest=longest), cells.text("last_name", longest=longest)
        if self.table.has("first_name") or self.table.has("last_name"):
            return first, last or ("" if self.table.has("last_name") else cells.text("name", longest=longest))
        first, last = split_name(cells.text("name", longest=2 * longest))
        return first[:longest], last[:longest]

    def _orders(self) -> Iterator[list[Row]]:
        """Rows that follow each other with one number are one order."""
        group: list[Row] = []
        key = ("", "", "")
        for row in rows_of(self.source, has_header=self._has_header):
            try:
                cells = _Cells(self.table, self.table.read(row))
                number, own, source = cells.raw("number"), cells.raw("id"), cells.raw("source")
            except Refusal:
                number, own, source = "", "", ""
            is_next = bool(group and number) and number == key[0] and own in ("", key[1]) and source in ("", key[2])
            if group and not is_next:
                yield group
                group = []
            if not group:
                key = (number, own, source)
            group.append(row)
        if group:
            yield group

    def _order(self, rows: list[Row], now: datetime) -> OrderRecord:
        first = self._cells(rows[0])
        number = first.text("number", longest=60)
        if not number:
            raise RefusedCell(_("le numéro de commande manque"), remedy=_("Donnez à la commande son numéro d’origine."))
        own = first.raw("id")
        if own and self._ids.setdefault(number, own) != own:
            # PrestaShop gives the parts of a divided order one reference.
            number = f"{number} ({own})"[:60]
        first.take("currency", values.euros_only)
        total = first.take("total", values.amount)
        refunded = first.take("refunded", values.optional_amount) or ZERO
        state, unknown = self._state(first)
        if state == PastOrder.State.REFUNDED and not refunded:
            refunded = total
        if refunded > total:
            raise RefusedCell(
                _("plus a été remboursé que payé"),
                value=str(refunded),
                remedy=_("Vérifiez le total et le montant remboursé."),
            )
        names = self._names(first, longest=80)
        order = OrderRecord(
            rows=rows,
            number=number,
            email=first.take("email", values.email, may_be_empty=True),
            name=" ".join(filter(None, names)),
            phone=first.take("phone", values.phone),
            delivered_to=first.text("delivered_to", longest=300) or self._delivered_to(first),
            placed_at=first.take("placed_at", values.moment, now=now, first=self._first),
            state=state,
            status_text=first.text("status_text" if self.table.has("status_text") else "status", longest=80),
            payment_text=first.text("payment", longest=80),
            total=total,
            delivery_total=first.take("delivery_total", values.optional_amount),
            refunded=refunded,
            source=first.text("source", longest=60),
            unknown_status=unknown,
        )
        for row in rows:
            try:
                order.lines += self._lines(row)
            except Refusal as refusal:
                raise _AtRow(row, refusal) from refusal
        return order

    def _state(self, cells: _Cells) -> tuple[str, str]:
        """A state, and the file's word where nothing says what it means."""
        word = cells.raw("status")
        state, is_understood = self._states.get(fold(word), ""), True
        if not state:
            state, is_understood = values.state(word, program=self.program)
        if cells.raw("cancelled_at") and state != PastOrder.State.REFUNDED:
            return PastOrder.State.CANCELLED, ""
        return state, "" if is_understood else word[:60] or _("(sans état)")

    def _delivered_to(self, cells: _Cells) -> str:
        town = " ".join(filter(None, (cells.raw("postcode").removeprefix("'"), cells.raw("city"))))
        parts = (*(cells.raw(name) for name in ("recipient", "company", "line1", "line2")), town, cells.raw("country"))
        return values.text(", ".join(dict.fromkeys(filter(None, parts))), longest=300)

    def _lines(self, row: Row) -> list[LineRecord]:
        cells = self._cells(row)
        found = [line for at in self._items if at < len(row.cells) and (line := _described(row.cells[at])) is not None]
        name = cells.text("item_name", longest=2000)
        if written := unguard(cells.found.get("lines", "").strip()):
            return found + _stored_lines(written)
        if listed := _LISTED.findall(name):
            return found + [LineRecord(each.strip()[:200], "", int(count), None) for count, each in listed]
        if name or cells.raw("item_sku"):
            found.append(
                LineRecord(
                    name=values.text(name, longest=250),
                    sku=cells.text("item_sku", longest=80),
                    quantity=cells.take("item_quantity", values.pieces),
                    price=cells.take("item_price", values.optional_amount),
                )
            )
        return found


def _stored_lines(written: str) -> list[LineRecord]:
    """Those of an archive of this shop."""
    try:
        return [
            LineRecord(
                name=str(line["name"])[:250],
                sku=str(line["sku"])[:80],
                quantity=int(line["quantity"]),
                price=Decimal(line["price"]) if line["price"] else None,
            )
            for line in json.loads(written)
        ]
    except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError):
        raise RefusedCell(
            _("lignes de la commande illisibles"),
            value=written[:40],
            remedy=_("Laissez cette cellule comme elle était."),
        ) from None


class _AtRow(Refusal):
    """A refusal in another row of an order than its first."""

    def __init__(self, row: Row, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.row, self.refusal = row, refusal


def _described(cell: str) -> LineRecord | None:
    """« name:Miel|product_id:12|sku:M1|quantity:2|total:19.60 »; the total there is without VAT, and is left out."""
    written = plain(cell)
    if not written:
        return None
    parts = dict(part.split(":", 1) for part in written.split("|") if ":" in part)
    name = parts.get("name", "" if "sku" in parts else written)
    return LineRecord(
        name=values.text(name, longest=250),
        sku=values.text(parts.get("sku", ""), longest=80),
        quantity=values.pieces(parts.get("quantity", "")),
        price=None,
    )

"""A table's content as one hash, the same on MySQL and SQLite and in whatever order the rows are read.

Each row is hashed from its values in a canonical form, by column name; the table's hash is the sum of its rows' hashes
modulo 2^256 (a multiset hash: Bellare and Micciancio, « A New Paradigm for Collision-free Hashing », 1997, AdHash), so
that rows that are there twice count twice. It finds what a restore lost or changed; against somebody who may write both
the rows and the manifest it proves nothing.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

MODULUS = 2**256
_FRACTION = re.compile(r"(\.\d*?)0+$")


class Kind(StrEnum):
    """How a column's values are brought to one form."""

    INTEGER = "INTEGER"
    DECIMAL = "DECIMAL"
    FLOAT = "FLOAT"
    MOMENT = "MOMENT"
    JSON = "JSON"
    BYTES = "BYTES"
    TEXT = "TEXT"


@dataclass(frozen=True)
class Content:
    """What a table holds: how many rows, and their hash."""

    rows: int
    hash: str


class ContentHash:
    """Takes a table's rows, whose values stand in the order of `columns`."""

    def __init__(self, columns: dict[str, Kind]) -> None:
        order = list(columns)
        self._places = [(order.index(name), CANONICAL[columns[name]]) for name in sorted(columns)]
        # An empty table without a column is not the same as one with it.
        self._sum = _row_hash(sorted(columns))
        self._rows = 0

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        for row in rows:
            self._sum += _row_hash(
                [None if row[place] is None else canonical(row[place]) for place, canonical in self._places]
            )
            self._rows += 1
        self._sum %= MODULUS

    def content(self) -> Content:
        return Content(self._rows, f"{self._sum:064x}")


def _row_hash(values: list[Any]) -> int:
    # SQLite keeps bytes that are no UTF-8 in a text: they are hashed as they are.
    written = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(written).digest())


def _integer(value: Any) -> str:
    if isinstance(value, float):
        return _other(value)
    try:
        return str(int(value))
    except (TypeError, ValueError):
        return _other(value)


def _decimal(value: Any) -> str:
    """12.30, "12.3" and SQLite's 12.3, which is a float there, are one value."""
    try:
        written = format(Decimal(_text(value) if isinstance(value, str | bytes) else repr(value)), "f")
    except InvalidOperation:
        return _other(value)
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def _float(value: Any) -> str:
    try:
        return repr(float(value))
    except (TypeError, ValueError):
        return _other(value)


def _moment(value: Any) -> str:
    """MySQL writes six digits of a second, SQLite none where all are zero."""
    return _FRACTION.sub(r"\1", _text(value)).removesuffix(".")


def _json(value: Any) -> str:
    """MySQL keeps the value and not its spelling: keys come in another order, spaces where there were none."""
    written = _text(value)
    try:
        return json.dumps(json.loads(written), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    except ValueError:
        return written


def _bytes(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else f"\0{_other(value)}"


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return value if isinstance(value, str) else _other(value)


def _other(value: Any) -> str:
    """A value of another type than its column's: SQLite stores any in any column."""
    return f"\0{type(value).__name__}:{value!r}"


CANONICAL: dict[Kind, Callable[[Any], str]] = {
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.FLOAT: _float,
    Kind.MOMENT: _moment,
    Kind.JSON: _json,
    Kind.BYTES: _bytes,
    Kind.TEXT: _text,
}

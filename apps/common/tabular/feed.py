"""Rows from a feed of products in XML: RSS or Atom, as Google Merchant and what follows it read."""

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree.ElementTree import Element, ParseError, iterparse

from django.utils.translation import gettext as _

from apps.common.tabular.encoding import GZIP, Survey
from apps.common.tabular.errors import UnreadableFile
from apps.common.tabular.limits import LARGEST_FILE
from apps.common.tabular.rows import Row, Warned

_ITEMS = frozenset(("item", "entry", "product", "produit", "offer", "article"))
_MOST_COLUMNS = 200


def is_feed(opening: bytes) -> bool:
    text = opening.lstrip(b"\xef\xbb\xbf \t\r\n")
    return text.startswith((b"<?xml", b"<rss", b"<feed", b"<channel", b"<products", b"<catalog"))


class Feed:
    """Each item is a row, each element in it a column; of an element that an item repeats, all of them, with commas.

    `line` of a row is the number of its item, the first being 2: as in a table below its header.
    """

    def __init__(self, open_: Callable[[], Any], name: str) -> None:
        self._open, self.name, self.delimiter = open_, name, ";"
        columns: dict[str, None] = {}
        count = 0
        for item in self._items():
            count += 1
            columns.update(dict.fromkeys(_tag(child) for child in item))
            if len(columns) > _MOST_COLUMNS:
                raise UnreadableFile(_("Ce fichier XML n’est pas un flux de produits."))
        if not count:
            raise UnreadableFile(_("Ce fichier XML n’est pas un flux de produits."))
        self.header = list(columns)
        self.survey = Survey(encoding="xml", lines=count + 1)

    def rows(self) -> Iterator[Row]:
        for number, item in enumerate(self._items(), 2):
            found: dict[str, list[str]] = {}
            for child in item:
                if text := "".join(child.itertext()).strip() or child.get("href", ""):
                    found.setdefault(_tag(child), []).append(text)
            yield Row(number, [",".join(found.get(column, [])) for column in self.header])

    def pictures(self) -> dict[str, str]:
        """None come with it."""
        return {}

    def notices(self) -> Iterator[Warned]:
        yield from ()

    def _items(self) -> Iterator[Element]:
        """Items, one in memory at a time."""
        depth = 0
        try:
            with self._unpacked() as file:
                for event, element in iterparse(file, events=("start", "end")):  # noqa: S314
                    is_item = _tag(element) in _ITEMS
                    if event == "start":
                        depth += is_item
                    elif is_item:
                        depth -= 1
                        if not depth:
                            yield element
                    if event == "end" and not depth:
                        element.clear()
        except (ParseError, EOFError, OSError, ValueError, LookupError) as error:
            raise UnreadableFile(
                _("Ce fichier XML est abîmé ou incomplet : exportez-le à nouveau (%(why)s).") % {"why": error}
            ) from error

    @contextmanager
    def _unpacked(self) -> Iterator[Any]:
        with self._open() as raw, guarded(raw) as file:
            yield file


@contextmanager
def guarded(raw: Any) -> Iterator["_Guarded"]:
    """A stream of XML, packed or not, that is safe to parse. Raises UnreadableFile while it is read."""
    is_packed = raw.read(2) == GZIP
    raw.seek(0)
    yield _Guarded(gzip.GzipFile(fileobj=raw) if is_packed else raw)


class _Guarded:
    """A stream that ends where a file declares entities, which expand to more than any memory, or is too large."""

    def __init__(self, file: Any) -> None:
        self._file, self._size, self._tail = file, 0, b""

    def read(self, size: int = -1) -> bytes:
        chunk: bytes = self._file.read(size if size > 0 else 1 << 16)
        self._size += len(chunk)
        if b"<!DOCTYPE" in (seen := (self._tail + chunk).replace(b"\0", b"")) or b"<!ENTITY" in seen:
            raise UnreadableFile(_("Ce fichier XML déclare des entités : ce n’est pas un flux de produits."))
        if self._size > LARGEST_FILE:
            raise UnreadableFile(_("Le fichier dépasse 1 Go : coupez-le en plusieurs."))
        self._tail = chunk[-20:]
        return chunk


def _tag(element: Element) -> str:
    """A name without its namespace: « g:price » is « price »."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""

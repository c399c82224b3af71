"""From a file to its header and numbered rows: CSV, compressed or not, or the first sheet of a workbook."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from apps.common.tabular.delimited import delimiter_of, split_rows
from apps.common.tabular.encoding import GZIP, XLSX, Survey, Surveyor
from apps.common.tabular.errors import UnreadableFile
from apps.common.tabular.rows import Row
from apps.common.tabular.workbook import Workbook

_CHUNK = 1 << 16


class Source:
    """A CSV file. `open_` gives a fresh binary stream each time: one to survey it, one to read it."""

    def __init__(self, open_: Callable[[], Any], name: str) -> None:
        self._open = open_
        self.name = name
        self.survey = self._survey()
        self.delimiter, self.header = self._head()

    def rows(self) -> Iterator[Row]:
        """The rows under the header. A row that cannot be split carries its `error`."""
        with self._text() as text:
            records = split_rows(text, self.delimiter, columns=len(self.header))
            next(records)
            yield from (row for row in records if any(cell.strip() for cell in row.cells))

    @contextmanager
    def _bytes(self) -> Iterator[BinaryIO]:
        try:
            raw = self._open()
        except FileNotFoundError:
            raise UnreadableFile(_("Le fichier « %(name)s » n’existe pas.") % {"name": self.name}) from None
        except OSError as error:
            raise UnreadableFile(
                _("Le fichier « %(name)s » ne peut pas être lu : %(error)s.")
                % {"name": self.name, "error": error.strerror or error}
            ) from error
        with raw:
            magic = raw.read(4)
            raw.seek(0)
            if magic.startswith(GZIP):
                with gzip.GzipFile(fileobj=raw) as unpacked:
                    yield unpacked  # type: ignore[misc]
            else:
                yield raw

    @contextmanager
    def _text(self) -> Iterator[io.TextIOWrapper]:
        with self._bytes() as raw:
            yield io.TextIOWrapper(raw, encoding=self.survey.encoding, errors="replace", newline="")

    def _survey(self) -> Survey:
        """Reads the whole file once, so that a file cut off in transit is refused before its first row is written."""
        surveyor = Surveyor(self.name)
        with self._bytes() as raw:
            is_first = True
            while (chunk := self._chunk(raw)) or is_first:
                surveyor.take(chunk)
                is_first = False
        return surveyor.survey()

    def _chunk(self, raw: BinaryIO) -> bytes:
        try:
            return raw.read(_CHUNK)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UnreadableFile(
                _("Le fichier compressé « %(name)s » est incomplet ou abîmé : transférez-le à nouveau.")
                % {"name": self.name}
            ) from error

    def _head(self) -> tuple[str, list[str]]:
        with self._text() as text:
            delimiter = delimiter_of(text)
        with self._text() as text:
            first = next(split_rows(text, delimiter, columns=0), None)
        if first is None or first.error:
            raise UnreadableFile(
                _("La première ligne du fichier ne peut pas être lue : %(why)s")
                % {"why": first.error if first else _("elle est vide.")}
            )
        return delimiter, [cell.strip() for cell in first.cells]


def open_table(open_: Callable[[], Any], name: str) -> Source | Workbook:
    """A workbook or a CSV file, as its first bytes say."""
    with open_() as file:
        is_workbook = file.read(len(XLSX)) == XLSX
    return Workbook(open_) if is_workbook else Source(open_, name)

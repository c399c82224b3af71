"""From bytes to numbered rows: compression, encoding, delimiter and damaged quotes."""

import codecs
import csv
import gzip
import io
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.common.tabular.rows import Row

LONGEST_LINE = 1_000_000
LONGEST_RECORD_LINES = 2_000
LARGEST_FILE = 1024**3
_CHUNK = 1 << 16
_GZIP = b"\x1f\x8b"
_NOT_TEXT = {
    b"PK\x03\x04": "xlsx",
    b"\xd0\xcf\x11\xe0": "xls",
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
}
csv.field_size_limit(LONGEST_LINE * 4)


class UnreadableFile(DomainError):
    """The file as a whole cannot be a catalogue: missing, empty, cut off, not text, of no known format."""

    code = "unreadable_file"


@dataclass(frozen=True, slots=True)
class Survey:
    """What one quick pass over the file tells before anything is written."""

    encoding: str
    lines: int


class Source:
    """A catalogue file. `open_` gives a fresh binary stream each time: one to survey it, one to import it."""

    def __init__(self, open_: Callable[[], Any], name: str) -> None:
        self._open = open_
        self.name = name
        self.survey = self._survey()
        self.delimiter, self.header = self._head()

    def rows(self) -> Iterator[Row]:
        """The rows under the header. A row that cannot be split carries its `error`."""
        with self._text() as text:
            records = _records(text, self.delimiter, columns=len(self.header))
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
            if magic.startswith(_GZIP):
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
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        size = lines = unreadable = accented = 0
        wide = ""
        with self._bytes() as raw:
            while True:
                try:
                    chunk = raw.read(_CHUNK)
                except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                    raise UnreadableFile(
                        _("Le fichier compressé « %(name)s » est incomplet ou abîmé : transférez-le à nouveau.")
                        % {"name": self.name}
                    ) from error
                if not size:
                    wide = opening_encoding(chunk, self.name)
                if not chunk:
                    break
                size += len(chunk)
                if size > LARGEST_FILE:
                    raise UnreadableFile(_("Le fichier dépasse 1 Go : coupez-le en plusieurs."))
                lines += chunk.count(b"\n") or chunk.count(b"\r")
                text = decoder.decode(chunk)
                bad = text.count("\ufffd")
                unreadable += bad
                accented += len(text) - len(text.encode("ascii", "ignore")) - bad
        encoding = wide or ("utf-8-sig" if unreadable <= accented else "cp1252")
        return Survey(encoding=encoding, lines=lines + 1)

    def _head(self) -> tuple[str, list[str]]:
        with self._text() as text:
            delimiter = max(";\t,", key=_readline(text).count)
        with self._text() as text:
            first = next(_records(text, delimiter, columns=0), None)
        if first is None or first.error:
            raise UnreadableFile(
                _("La première ligne du fichier ne peut pas être lue : %(why)s")
                % {"why": first.error if first else _("elle est vide.")}
            )
        return delimiter, [cell.strip() for cell in first.cells]


def opening_encoding(chunk: bytes, name: str) -> str:
    """Refuses an empty file and what is plainly not text; "utf-16" for a file that begins as such, otherwise empty."""
    if not chunk.strip(b"\xef\xbb\xbf \t\r\n"):
        raise UnreadableFile(_("Le fichier « %(name)s » est vide.") % {"name": name})
    if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    kind = next((kind for magic, kind in _NOT_TEXT.items() if chunk.startswith(magic)), "")
    if kind in ("xlsx", "xls"):
        raise UnreadableFile(
            _("C’est un classeur de tableur (%(kind)s). Enregistrez-le au format CSV, puis recommencez.")
            % {"kind": kind}
        )
    if kind or chunk.count(b"\0") > len(chunk) // 10:
        raise UnreadableFile(_("Ce n’est pas un fichier CSV mais un fichier binaire."))
    return ""


def _readline(text: io.TextIOWrapper) -> str:
    line = text.readline(LONGEST_LINE)
    if len(line) >= LONGEST_LINE:
        raise UnreadableFile(_("Une ligne dépasse un million de caractères : ce n’est pas un catalogue en CSV."))
    return line


def _records(text: io.TextIOWrapper, delimiter: str, *, columns: int) -> Iterator[Row]:
    """Split lines into rows. A quote that is never closed costs its own line, not the rest of the file.

    A row may run over several lines inside quotes. When it runs to the end of the file, or closes where no cell can
    end, or with a wrong number of cells, the quote was a stray one: its line is reported and reading goes on below it.
    """
    waiting: deque[str] = deque()
    number = 0

    def following() -> str:
        return waiting.popleft() if waiting else _readline(text)

    while line := following():
        number += 1
        start = number
        if '"' not in line:
            yield Row(start, line.rstrip("\r\n").split(delimiter))
            continue
        taken = [line]
        cells, problem = _split(taken, delimiter)
        while cells is None and problem is None and len(taken) < LONGEST_RECORD_LINES and (line := following()):
            taken.append(line)
            if '"' in line:
                cells, problem = _split(taken, delimiter)
                if len(taken) > 1 and (problem or (cells is not None and columns and len(cells) != columns)):
                    cells = None
                    break
        if len(taken) > 1 and cells is None:
            waiting.extendleft(reversed(taken[1:]))
            taken = taken[:1]
        if cells is None:
            cells = _lenient(taken[0], delimiter)
        number = start + len(taken) - 1
        if cells is None:
            yield Row(start, [taken[0].rstrip("\r\n")], error=_("un guillemet est ouvert et jamais fermé"))
        else:
            yield Row(start, cells)


def _split(lines: list[str], delimiter: str) -> tuple[list[str] | None, str | None]:
    """The cells; or None while a quote is open; or None and what is wrong with the quotes."""
    try:
        return next(csv.reader(lines, delimiter=delimiter, strict=True)), None
    except csv.Error as error:
        return None, (None if "unexpected end of data" in str(error) else str(error))


def _lenient(line: str, delimiter: str) -> list[str] | None:
    """The cells of a line with text after a closing quote (« "5" verre »), None if it ends inside quotes."""
    end = "\x1f"
    cells = next(csv.reader([f"{line.rstrip(chr(10)).rstrip(chr(13))}{delimiter}{end}"], delimiter=delimiter))
    return cells[:-1] if cells[-1] == end else None

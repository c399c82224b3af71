"""From a file to its header and numbered rows: CSV, compressed or not, or a sheet of a workbook."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from apps.common.tabular.delimited import first_lines, head_of, lines_of, split_rows
from apps.common.tabular.encoding import GZIP, ZIP, Survey, Surveyor
from apps.common.tabular.errors import UnreadableFile
from apps.common.tabular.feed import Feed, is_feed
from apps.common.tabular.limits import HIGHEST_RATIO, LARGE_ENOUGH_TO_DOUBT, LARGEST_FILE
from apps.common.tabular.opendocument import OpenDocumentSheets
from apps.common.tabular.rows import Row, Warned
from apps.common.tabular.workbook import ExcelSheets, Workbook

_CHUNK = 1 << 16
_TABLES = (".csv", ".tsv", ".txt")
_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif")
# How the keys of pictures in an archive begin, where others have a URL.
ARCHIVED = "archive:"
MOST_PICTURES = 20_000


class Source:
    """A CSV file. `open_` gives a fresh binary stream each time: one to survey it, one to read it.

    `words` are normalised names of columns, by which the header is found below titles; of a file that has none,
    `header` is its first row. `encoding` is what a person chose, one of `encoding.CODECS`; without it the file itself
    says.
    """

    def __init__(
        self,
        open_: Callable[[], Any],
        name: str,
        *,
        words: Collection[str] = (),
        encoding: str = "",
        has_header: bool = True,
    ) -> None:
        self._open = open_
        self.name = name
        self.survey = self._survey(encoding)
        self.delimiter, self._line, self.header = self._head(words, has_header)

    def rows(self) -> Iterator[Row]:
        """The rows under the header. A row that cannot be split carries its `error`."""
        with self._text() as text:
            lines = islice(lines_of(text), self._line - 1, None)
            records = split_rows(lines, self.delimiter, columns=len(self.header), above=self._line - 1)
            next(records)
            yield from (row for row in records if any(cell.strip() for cell in row.cells))

    def notices(self) -> Iterator[Warned]:
        """What a person should know of the file as a whole."""
        yield from ()

    def pictures(self) -> dict[str, str]:
        """The keys of pictures that came with it in one archive, by their names in lower case, with and without
        folders."""
        with self._open() as raw:
            return picture_keys(raw) if raw.read(4) == ZIP else {}

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
            elif magic == ZIP:
                with _archived(raw) as unpacked:
                    yield unpacked
            else:
                yield raw

    @contextmanager
    def _text(self) -> Iterator[io.TextIOWrapper]:
        with self._bytes() as raw:
            yield io.TextIOWrapper(raw, encoding=self.survey.encoding, errors="replace", newline="")

    def _survey(self, encoding: str) -> Survey:
        """Reads the whole file once, so that a file cut off in transit is refused before its first row is written."""
        surveyor = Surveyor(self.name, encoding)
        packed, unpacked = 0, 0
        with self._bytes() as raw:
            is_first = True
            while (chunk := self._chunk(raw)) or is_first:
                surveyor.take(chunk)
                is_first = False
                unpacked += len(chunk)
                if unpacked > LARGE_ENOUGH_TO_DOUBT and (packed := packed or self._packed_size()):
                    self._check_ratio(packed, unpacked)
        return surveyor.survey()

    def _packed_size(self) -> int:
        with self._open() as file:
            return int(file.seek(0, io.SEEK_END))

    def _check_ratio(self, packed: int, unpacked: int) -> None:
        if unpacked > packed * HIGHEST_RATIO:
            raise UnreadableFile(
                _("« %(name)s » se décompresse en bien plus que sa taille : ce n’est pas un tableau.")
                % {"name": self.name}
            )

    def _chunk(self, raw: BinaryIO) -> bytes:
        try:
            return raw.read(_CHUNK)
        except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
            raise UnreadableFile(
                _("Le fichier compressé « %(name)s » est incomplet ou abîmé : transférez-le à nouveau.")
                % {"name": self.name}
            ) from error

    def _head(self, words: Collection[str], has_header: bool) -> tuple[str, int, list[str]]:
        """The separator, the line of the header and the names in it."""
        with self._text() as text:
            lines = first_lines(text)
        first = next(split_rows(iter(lines), ";", columns=0), None)
        delimiter, head = head_of(lines, words, has_header=has_header)
        if head.row is None or head.row.error or (first is not None and first.error and not head.recognised):
            error = (head.row.error if head.row else "") or (first.error if first else "")
            raise UnreadableFile(
                _("La première ligne du fichier ne peut pas être lue : %(why)s") % {"why": error or _("elle est vide.")}
            )
        return delimiter, head.row.line, [cell.strip() for cell in head.row.cells]


Tabular = Source | Workbook | Feed


def picture_keys(raw: Any) -> dict[str, str]:
    """A key says the content of the picture, so that the same archive sent again has the same keys."""
    raw.seek(0)
    keys: dict[str, str] = {}
    with zipfile.ZipFile(raw) as archive:
        for entry in islice(archive.infolist(), MOST_PICTURES):
            name = entry.filename.lower()
            if name.endswith(_PICTURES) and not name.startswith(("__macosx/", ".")):
                key = f"{ARCHIVED}{entry.CRC:08x}-{entry.file_size}/{entry.filename}"[:500]
                keys[name] = key
                keys.setdefault(name.rpartition("/")[2], key)
    return keys


@contextmanager
def _archived(raw: Any) -> Iterator[Any]:
    """The one table in a ZIP archive."""
    try:
        archive = zipfile.ZipFile(raw)
    except zipfile.BadZipFile as error:
        raise UnreadableFile(_("Cette archive est abîmée : transférez-la à nouveau, ou envoyez le CSV.")) from error
    with archive:
        tables = [
            entry
            for entry in archive.infolist()
            if entry.filename.lower().endswith(_TABLES) and not entry.filename.startswith(("__MACOSX/", "."))
        ]
        if len(tables) != 1:
            names = ", ".join(entry.filename for entry in tables[:8]) or _("aucun")
            raise UnreadableFile(
                _("Une archive zip doit contenir un seul fichier CSV ; celle-ci en a : %(names)s.") % {"names": names}
            )
        entry = tables[0]
        if entry.flag_bits & 1:
            raise UnreadableFile(_("Cette archive est protégée par un mot de passe : envoyez-la sans."))
        if entry.file_size > LARGEST_FILE:
            raise UnreadableFile(_("Le fichier dépasse 1 Go : coupez-le en plusieurs."))
        try:
            unpacked = archive.open(entry)
        except (NotImplementedError, zipfile.BadZipFile) as error:
            raise UnreadableFile(_("Cette archive est abîmée : transférez-la à nouveau, ou envoyez le CSV.")) from error
        with unpacked:
            yield unpacked


def open_table(
    open_: Callable[[], Any],
    name: str,
    *,
    words: Collection[str] = (),
    encoding: str = "",
    has_header: bool = True,
) -> Tabular:
    """A workbook, a feed or a CSV file, as its bytes say. Raises UnreadableFile."""
    try:
        with open_() as file:
            members = _members(file)
            file.seek(0)
            is_xml = is_feed(_opening(file))
    except OSError:
        members, is_xml = frozenset(), False  # Source says which of the many reasons it is.
    if is_xml:
        return Feed(open_, name)
    if "xl/workbook.xml" in members:
        return Workbook(ExcelSheets(open_), name, words=words, has_header=has_header)
    if "content.xml" in members:
        return Workbook(OpenDocumentSheets(open_), name, words=words, has_header=has_header)
    return Source(open_, name, words=words, encoding=encoding, has_header=has_header)


def _opening(file: Any) -> bytes:
    opening: bytes = file.read(256)
    if opening.startswith(GZIP):
        file.seek(0)
        try:
            opening = gzip.GzipFile(fileobj=file).read(256)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            return b""
    return opening


def _members(file: Any) -> frozenset[str]:
    if file.read(len(ZIP)) != ZIP:
        return frozenset()
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            return frozenset(archive.namelist())
    except zipfile.BadZipFile:
        return frozenset()

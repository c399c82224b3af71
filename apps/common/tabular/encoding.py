"""What a file is, from its first bytes, and how its text is written."""

import codecs
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.common.tabular.errors import UnreadableFile
from apps.common.tabular.limits import LARGEST_FILE

GZIP = b"\x1f\x8b"
XLSX = b"PK\x03\x04"
_NOT_TEXT = {
    XLSX: "xlsx",
    b"\xd0\xcf\x11\xe0": "xls",
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
}


@dataclass(frozen=True, slots=True)
class Survey:
    """What one quick pass over the file tells before anything is written."""

    encoding: str
    lines: int


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


class Surveyor:
    """Counts lines and guesses the encoding of a file that is handed over piece by piece."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._size = self._lines = self._unreadable = self._accented = 0
        self._wide = ""

    def take(self, chunk: bytes) -> None:
        """Raises UnreadableFile for a file that is too large, or that begins as no text does."""
        if not self._size:
            self._wide = opening_encoding(chunk, self._name)
        self._size += len(chunk)
        if self._size > LARGEST_FILE:
            raise UnreadableFile(_("Le fichier dépasse 1 Go : coupez-le en plusieurs."))
        self._lines += chunk.count(b"\n") or chunk.count(b"\r")
        text = self._decoder.decode(chunk)
        bad = text.count("\ufffd")
        self._unreadable += bad
        self._accented += len(text) - len(text.encode("ascii", "ignore")) - bad

    def survey(self) -> Survey:
        encoding = self._wide or ("utf-8-sig" if self._unreadable <= self._accented else "cp1252")
        return Survey(encoding=encoding, lines=self._lines + 1)

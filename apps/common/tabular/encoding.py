"""What a file is, from its first bytes, and how its text is written."""

import codecs
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.common.tabular.errors import DoubtfulEncoding, UnreadableFile
from apps.common.tabular.limits import LARGEST_FILE

GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
_NOT_TEXT = {
    ZIP: "zip",
    b"\xd0\xcf\x11\xe0": "xls",
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
}
# What French programs write that is no Unicode, and what people call it. The most usual first: of two that read a file
# alike, the first is named.
LEGACY = {"cp1252": "Windows-1252", "iso8859-15": "ISO 8859-15", "cp850": "DOS 850", "mac_roman": "Mac Roman"}
UNICODE = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16"}
CODECS = UNICODE | LEGACY

_WORD = re.compile(rb'[^\s;,|"]*[\x80-\xff][^\s;,|"]*')
_MOST_WORDS = 5000
_LONGEST_WORD = 60
_LETTERS = frozenset("éèêëàâçîïôùûüœÿæ")
_FOREIGN = frozenset("áíóúñäößåøãõìòâýž")
_AFTER_OE = frozenset("uidscn")
_SIGNS_IN_WORDS = frozenset("’‘")
_SIGNS_BESIDE = frozenset("€«»“”…°²³®©™×·–—•½¼¾\u00a0\u202fº")


@dataclass(frozen=True, slots=True)
class Survey:
    """What one quick pass over the file tells before anything is written."""

    encoding: str
    lines: int


def opening_encoding(chunk: bytes, name: str) -> str:
    """Refuses an empty file and what is plainly not text; "utf-16…" for a file that begins as such, otherwise empty."""
    if not chunk.strip(b"\xef\xbb\xbf \t\r\n"):
        raise UnreadableFile(_("Le fichier « %(name)s » est vide.") % {"name": name})
    if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    kind = next((kind for magic, kind in _NOT_TEXT.items() if chunk.startswith(magic)), "")
    if kind in ("zip", "xls"):
        raise UnreadableFile(
            _("C’est un classeur de tableur (%(kind)s). Enregistrez-le au format CSV, puis recommencez.")
            % {"kind": kind}
        )
    nulls = chunk.count(b"\0")
    if not kind and nulls > len(chunk) // 10:
        # Latin text as UTF-16 has a zero in every other byte, with or without a mark in front.
        odd = chunk[1::2].count(b"\0")
        if odd > 0.9 * nulls and odd > len(chunk) // 4:
            return "utf-16-le"
        if odd < 0.1 * nulls and nulls > len(chunk) // 4:
            return "utf-16-be"
        kind = "binary"
    if kind:
        raise UnreadableFile(_("Ce n’est pas un fichier CSV mais un fichier binaire."))
    return ""


def legacy_encoding(words: Counter[bytes]) -> str:
    """The encoding in which these words are best French, empty when two are about as good."""
    read = {codec: [word.decode(codec, "replace") for word in words] for codec in LEGACY}
    scores = {
        codec: sum(_score(text) * count for text, count in zip(texts, words.values(), strict=True))
        for codec, texts in read.items()
    }
    best = max(scores, key=lambda codec: scores[codec])
    rivals = [scores[codec] for codec in LEGACY if read[codec] != read[best]]
    margin = scores[best] - max(rivals, default=scores[best] - 1)
    return best if scores[best] > 0 and margin >= max(0.8, 0.15 * sum(words.values())) else ""


def _score(word: str) -> float:
    """How well a word is French: each character beyond ASCII, by its neighbours."""
    score = 0.0
    for at, character in enumerate(word):
        if character < "\x80":
            continue
        before, after = word[at - 1 : at] if at else "", word[at + 1 : at + 2]
        lower = character.lower()
        is_amid = before.isalpha() or after.isalpha() or before in ("'", "’")
        if character == "\ufffd" or unicodedata.category(character) in ("Cc", "Co", "Cn"):
            score -= 3
        elif character.isalpha() and character not in "ªº" and (lower in _LETTERS or lower in _FOREIGN):
            fits = _is_case_right(character, before, after) and not before.isdigit() and not after.isdigit()
            if not is_amid and word.strip("().:!?'-") != character:
                fits = False
            if not is_amid and lower not in "àôù":
                fits = False
            if lower == "œ" and after.lower() not in _AFTER_OE:
                fits = False
            score += (1 if lower in _LETTERS else 0.05) if fits else -2
        elif character in _SIGNS_IN_WORDS:
            score += 1 if before.isalpha() and after.isalpha() else -1
        elif character in _SIGNS_BESIDE:
            if (before.isalpha() and after.isalpha()) or _leans(character, before, after):
                score -= 2
            else:
                score += 0.1 if is_amid else 0.6
        else:
            score -= 2
    return score


def _is_case_right(character: str, before: str, after: str) -> bool:
    """No capital within a word in small letters, no small letter within a word in capitals."""
    if character.isupper():
        return not before.islower()
    return not before.isupper() or not after.isupper()


def _leans(character: str, before: str, after: str) -> bool:
    """A sign that stands where none of its kind does: « …picerie », « caf“ », « Prix ‰ »."""
    if character in "…”»" and after.isalnum():
        return True
    if character in "“«" and before.isalnum():
        return True
    if character in "–—•·×" and (before.isalpha() or after.isalpha()):
        return True
    return character in "€" and (before.isalpha() or after.isalpha())


class Surveyor:
    """Counts lines and finds the encoding of a file that is handed over piece by piece."""

    def __init__(self, name: str, encoding: str = "") -> None:
        self._name = name
        self._chosen = encoding
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._size = self._lines = self._unreadable = self._accented = 0
        self._wide = ""
        self._words: Counter[bytes] = Counter()

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
        if bad and len(self._words) < _MOST_WORDS:
            for match in _WORD.finditer(chunk):
                if len(match[0]) <= _LONGEST_WORD:
                    self._words[match[0]] += 1

    def survey(self) -> Survey:
        """Raises UnreadableFile when the encoding is doubtful: wrong letters would be published."""
        return Survey(encoding=self._chosen or self._wide or self._encoding(), lines=self._lines + 1)

    def _encoding(self) -> str:
        if self._unreadable <= self._accented:
            return "utf-8-sig"
        if found := legacy_encoding(self._words):
            return found
        sample = max(self._words, key=lambda word: sum(byte > 127 for byte in word), default=b"")
        readings: dict[str, tuple[str, str, str]] = {}
        for codec, name in LEGACY.items():
            if (word := sample.decode(codec, "replace")).isprintable():
                # Two that read the word alike are one answer.
                readings.setdefault(word, (codec, name, word))
        raise DoubtfulEncoding([*readings.values()])

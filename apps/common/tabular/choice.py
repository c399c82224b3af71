"""What each column of a file is, where a person says it.

A column is found again by a key: its name, with a number where several share it. Columns of ours are the names by which
a reader asks for them (`table.Table`).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.common.tabular.header import normalised
from apps.common.tabular.rows import Row
from apps.common.tabular.table import REJECT_LINE, REJECT_REASON, Table

SURVEYED_ROWS = 2000
# Words of a column that are so few that a person can say what each means.
MOST_WORDS = 12
_SAMPLES = 3
_LONGEST_SAMPLE = 80
_LONGEST_WORD = 40
# Of the cells that are not empty, how many have to look like something for the column to be that.
_MOST = 0.7
_EMAIL = re.compile(r"[^@]*?<?[^\s@]+@[^\s@]+\.\w{2,}>?")
_PHONE = re.compile(r"(?:\+|00)\d{8,14}|0[1-9]\d{8}")


class InvalidChoice(DomainError):
    """Choices that contradict each other, or leave out what has to be there."""

    code = "invalid_reading"


@dataclass(slots=True)
class Surveyed:
    """A column with its first values; `words` are all that stand in it, where they are few."""

    key: str
    name: str
    samples: list[str]
    words: list[str]
    cells: list[str] = field(default_factory=list)

    def share(self, test: Callable[[str], object]) -> float:
        return sum(1 for cell in self.cells if test(cell)) / len(self.cells) if self.cells else 0


def is_email_like(cell: str) -> bool:
    return _EMAIL.fullmatch(cell) is not None


def is_phone_like(cell: str) -> bool:
    """Not each number that may be one: a column of codes is not taken for one of telephones."""
    return _PHONE.fullmatch(re.sub(r"[\s.()-]", "", cell.removeprefix("'"))) is not None


def column_keys(header: Sequence[str], *, has_header: bool = True) -> list[str]:
    """A name for each column by which it is found again: its own, with a number where several share it."""
    names = [normalised(name) for name in header]
    if not has_header and normalised(REJECT_LINE) not in names:
        return [f"colonne_{at}" for at in range(1, len(header) + 1)]
    seen: Counter[str] = Counter()
    keys = []
    for at, name in enumerate(names, 1):
        base = name or f"colonne_{at}"
        seen[base] += 1
        keys.append(base if seen[base] == 1 else f"{base}#{seen[base]}")
    return keys


def survey(header: Sequence[str], rows: Iterable[Row], *, has_header: bool = True) -> list[Surveyed]:
    """The columns by their first two thousand rows."""
    cells: list[list[str]] = [[] for _name in header]
    for row in islice(rows, SURVEYED_ROWS):
        for at, cell in enumerate(row.cells[: len(header)]):
            if text := cell.strip():
                cells[at].append(text)
    found = []
    for key, name, texts in zip(column_keys(header, has_header=has_header), header, cells, strict=True):
        distinct = list(dict.fromkeys(texts))
        samples = [text if len(text) <= _LONGEST_SAMPLE else f"{text[:79]}…" for text in distinct[:_SAMPLES]]
        few = len(distinct) <= MOST_WORDS and all(len(text) <= _LONGEST_WORD for text in distinct)
        found.append(Surveyed(key, name, samples, distinct if few else [], texts))
    return found


def guess(
    surveyed: Sequence[Surveyed],
    columns: Mapping[str, Iterable[str]],
    tests: Mapping[str, Callable[[str], object]],
    *,
    has_header: bool = True,
) -> dict[str, str]:
    """Columns of ours by key: by the names of the file's, and where none has such a name by what stands in them."""
    names = {normalised(each.name): each.key for each in reversed(surveyed)} if has_header else {}
    chosen: dict[str, str] = {}
    for column, synonyms in columns.items():
        keys = (names.get(normalised(name)) for name in synonyms)
        key = next((key for key in keys if key is not None and key not in chosen), None)
        if key is not None:
            chosen[key] = column
    ours = {normalised(REJECT_LINE), normalised(REJECT_REASON)}
    for column, test in tests.items():
        if column in chosen.values():
            continue
        free = [each for each in surveyed if each.key not in chosen and normalised(each.name) not in ours]
        found = next((each for each in free if each.share(test) > _MOST), None)
        if found is not None:
            chosen[found.key] = column
    return chosen


def chosen_table(
    header: list[str],
    columns: Iterable[str],
    chosen: Mapping[str, str],
    *,
    has_header: bool = True,
    several: Mapping[str, Sequence[str]] | None = None,
) -> Table:
    """The file's columns by what a person said they are; the table calls them as the file does.

    `several` are columns of ours by one that may be chosen more than once: the first has its own name, the next others.
    """
    ours = {column: (column,) for column in columns}
    names: list[str] = []
    counted: Counter[str] = Counter()
    for key in column_keys(header, has_header=has_header):
        column = chosen.get(key, "")
        places = (several or {}).get(column, (column,))
        place = places[min(counted[column], len(places) - 1)]
        names.append(place if place in ours else "")
        counted[column] += 1
    return Table(names, ours, titles=header)


def check_choice(
    chosen: Mapping[str, str],
    labels: Mapping[str, object],
    *,
    needs: Iterable[str],
    several: Mapping[str, int] | None = None,
) -> None:
    """Raises InvalidChoice with what to choose."""
    counted = Counter(column for column in chosen.values() if column)
    for column, count in counted.items():
        most = (several or {}).get(column, 1)
        if count > most:
            raise InvalidChoice(
                _("« %(role)s » est choisi pour %(count)s colonnes : gardez-en %(most)s au plus.")
                % {"role": labels[column], "count": count, "most": most}
            )
    if lacking := [str(labels[column]) for column in needs if not counted[column]]:
        raise InvalidChoice(_("Il manque une colonne : « %(names)s ».") % {"names": " », « ".join(lacking)})

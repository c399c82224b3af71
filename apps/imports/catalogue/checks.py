"""Validations of a row that all formats share."""

from collections.abc import Callable, Iterable, Iterator

from django.utils.translation import gettext as _

from apps.common.letters import fold
from apps.common.tabular.errors import Refusal
from apps.common.tabular.rows import Row, Warned
from apps.imports.catalogue.values import described, lost_in_description, named, pieces

MOST_LEVELS = 5
DEFAULT_CATEGORY = "Divers"


class Notes:
    """What a row's reading gave occasion to say."""

    def __init__(self) -> None:
        self._notes: list[tuple[str, bool]] = []

    def say(self, text: str) -> None:
        self._notes.append((text, False))

    def doubt(self, text: str) -> None:
        """It was read in one of several ways: what it makes new is not published."""
        self._notes.append((text, True))

    @property
    def are_doubts(self) -> bool:
        return any(is_doubt for _text, is_doubt in self._notes)

    def of(self, row: Row) -> Iterator[Warned]:
        return (Warned(row.line, text, is_doubt) for text, is_doubt in self._notes)


def in_file() -> Callable[[str, str, Row], None]:
    """Identifiers seen so far in the file; a duplicate is refused with the line of the first."""
    seen: dict[tuple[str, str], int] = {}

    def once(what: str, value: str, row: Row) -> None:
        first = seen.setdefault((what, fold(value)), row.line)
        if first != row.line:
            raise Refusal(
                _("%(what)s « %(value)s » déjà donné ligne %(line)s") % {"what": what, "value": value, "line": first}
            )

    return once


def refuse_total(row: Row) -> None:
    """A till's sum below its list has a price and a stock as a product has."""
    if row.is_total:
        raise Refusal(_("ligne de total : ce n’est pas un produit"))


def checked_stock(raw: str, notes: Notes) -> int | None:
    count = pieces(raw)
    if count is not None and count < 0:
        notes.say(_("stock négatif, importé comme 0"))
        return 0
    return count


def checked_path(names: list[str], notes: Notes | None = None) -> tuple[str, ...]:
    """A rayon's path, from the top. With `notes`, one that is too deep keeps its upper levels, and that is said."""
    path = tuple(name for part in names if (name := named(part, longest=120, what=_("nom de rayon"))))
    if not path:
        raise Refusal(_("rayon manquant"))
    if len(path) > MOST_LEVELS:
        if notes is None:
            raise Refusal(_("rayon trop profond : %(depth)s niveaux, 5 au plus") % {"depth": len(path)})
        notes.say(_("rayon de plus de 5 niveaux : rangé dans « %(name)s »") % {"name": path[MOST_LEVELS - 1]})
    return path[:MOST_LEVELS]


def checked_description(raws: Iterable[str], notes: Notes) -> str:
    """The parts as one description; what a product's page cannot show is said."""
    given = [raw for raw in raws if raw.strip()]
    if lost := list(dict.fromkeys(name for raw in given for name in lost_in_description(raw))):
        notes.say(_("la description perd : %(what)s") % {"what": ", ".join(lost)})
    return "".join(described(raw) for raw in given)

"""Validations of a row that all formats share."""

import hashlib
import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from apps.common.letters import fold, slug_of
from apps.common.tabular.errors import Refusal
from apps.common.tabular.rows import Row, Warned
from apps.imports.catalogue.values import described, lost_in_description, named, pieces

MOST_LEVELS = 5
DEFAULT_CATEGORY = "Divers"
LONGEST_CODE = 80
_MORE_OR_LESS = re.compile(
    r"(?:[><≥≤~] ?\d{1,6}|\d{1,6} ?\+|plus de \d{1,6}|(?:en )?stock|disponible|dispo|oui|in stock|available"
    r"|sur commande|illimite|unlimited)(?: ?pcs| ?pieces?)?"
)
_NONE_LEFT = re.compile(r"epuise|(?:en )?rupture(?: de stock)?|indisponible|out of stock|sold out|non|aucun")
_GIFT_CARD = re.compile(
    r"\b(?:e-?)?(?:cartes?|cheques?|bons?)[ -]+(?:cadeaux?|d.achats?)\b"
    r"|\bgift[ -]?(?:cards?|vouchers?|certificates?)\b"
)


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
    """Identifiers seen so far in the file; a duplicate is refused with the line of the first.

    Of 200,000 lines it is what takes most memory, so a code of digits is stored as a number.
    """
    seen: dict[str, dict[str | int, int]] = {}

    def once(what: str, value: str, row: Row) -> None:
        key: str | int = fold(value)
        if value.isascii() and value.isdigit() and value[0] != "0":
            key = int(value)
        first = seen.setdefault(what, {}).setdefault(key, row.line)
        if first != row.line:
            raise Refusal(
                _("%(what)s « %(value)s » déjà donné ligne %(line)s") % {"what": what, "value": value, "line": first}
            )

    return once


def short_code(text: str) -> str:
    """The text as a code, shortened where it is too long, and then with a hash of all of it."""
    if len(text) <= LONGEST_CODE:
        return text
    return f"{text[: LONGEST_CODE - 9]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def composed_sku(base: str, options: Sequence[str], taken: Container[str] = ()) -> str:
    """A reference for a variant that has none of its own: that of its product, with the options' values behind it.

    Where these give one that is too long, or that another variant has (« ★ » and « ★★ »), a hash of all parts follows.
    """
    parts = [base, *options]
    whole = "-".join([base, *(slug_of(value) for value in options)])
    if len(whole) <= LONGEST_CODE and whole not in taken:
        return whole
    return f"{whole[: LONGEST_CODE - 9]}-{hashlib.sha256('/'.join(parts).encode()).hexdigest()[:8]}"


def note_restored(notes: Notes) -> None:
    notes.say(
        _("code-barres dont un tableur avait retiré les zéros du début : remis, son chiffre de contrôle le prouve")
    )


def note_gift_card(name: str, notes: Notes, *, is_one: bool = False) -> None:
    """Money for a later purchase: nothing of it is sold yet, so no rate of VAT is right."""
    if is_one or _GIFT_CARD.search(fold(name)):
        notes.doubt(_("carte cadeau : ce n’est pas une marchandise à 20 %, gardée en brouillon"))


def refuse_total(row: Row) -> None:
    """A till's sum below its list has a price and a stock as a product has."""
    if row.is_total:
        raise Refusal(_("ligne de total : ce n’est pas un produit"))


def checked_stock(raw: str, notes: Notes) -> int | None:
    if _MORE_OR_LESS.fullmatch(fold(raw)):
        # « > 10 » and « en stock » say that there are some, and not how many.
        notes.say(_("stock non repris : « %(raw)s » n’est pas un nombre de pièces") % {"raw": raw.strip()[:40]})
        return None
    if _NONE_LEFT.fullmatch(fold(raw)):
        return 0
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

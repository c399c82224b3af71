"""Validations of a row that all formats share."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from apps.common.letters import fold
from apps.common.tabular.errors import Refusal
from apps.common.tabular.rows import Row
from apps.imports.catalogue.values import pieces


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


def checked_stock(raw: str, warnings: list[str]) -> int | None:
    count = pieces(raw)
    if count is not None and count < 0:
        warnings.append(_("stock négatif, importé comme 0"))
        return 0
    return count

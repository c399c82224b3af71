"""Numbers of pieces."""

import re

from django.utils.translation import gettext as _

from apps.common.tabular.errors import Refusal
from apps.imports.catalogue.values.texts import SPACES

MOST_PIECES = 1_000_000
_PIECES = re.compile(
    r"([+-]?(?:[0-9]{1,12}|[0-9]{1,3}(?: [0-9]{3})+))(?:[.,](0*))? ?(?:pcs?|pi[eè]ces?|unit[eé]s?|u\.?)?", re.I
)


def pieces(raw: str) -> int | None:
    """Whole pieces, negative ones included: some tills oversell. None for an empty cell, which leaves the stock."""
    text = SPACES.sub(" ", raw).strip().removeprefix("'")
    if not text:
        return None
    match = _PIECES.fullmatch(text)
    # « 1.000 » is one piece, or a thousand.
    if match is None or len(match[2] or "") == 3:
        raise Refusal(_("stock illisible : « %(raw)s » (un nombre entier de pièces)") % {"raw": raw.strip()[:40]})
    count = int(match[1].replace(" ", ""))
    if abs(count) > MOST_PIECES:
        raise Refusal(_("stock absurde : %(count)s pièces (un million au plus)") % {"count": count})
    return count

"""Yes and no."""

import re

from django.utils.translation import gettext as _

from apps.common.letters import fold
from apps.common.tabular.errors import Refusal

_TRUE = frozenset(
    (
        *("true", "vrai", "oui", "yes", "y", "o", "1", "x", "on", "actif", "active", "publie", "publiee", "published"),
        *("visible", "en-ligne", "enabled"),
    )
)
_FALSE = frozenset(
    (
        *("false", "faux", "non", "no", "n", "0", "-1", "off", "inactif", "inactive", "brouillon", "draft", "hidden"),
        *("cache", "masque", "unlisted", "disabled"),
    )
)


def truth(raw: str) -> bool | None:
    """« VRAI », « oui », « 1 »; « FAUX », « non », « 0 ». None for an empty cell. Raises Refusal for another word."""
    word = re.sub(r"[\s_]+", "-", fold(raw.strip().removeprefix("'")))
    if not word:
        return None
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise Refusal(_("ni oui ni non : « %(raw)s »") % {"raw": raw.strip()[:20]})

"""Renamed filter codes: rewrites the former codes in a query string to the present ones."""

from urllib.parse import parse_qsl, urlencode

from apps.catalogue import revision
from apps.catalogue.listing.filters import ATTRIBUTE, BRAND
from apps.catalogue.models.filter_address import FormerCodes, former_codes
from apps.common.memo import Memo

_codes: Memo[FormerCodes] = Memo(size=1)


def present_query(query: str) -> str:
    """A query string with the present codes of brands, characteristics and values; unchanged without former ones.

    No database query unless it filters; then one for each revision, and one more where something changes: a process
    whose cache is behind must not redirect in circles.
    """
    if f"{BRAND}=" not in query and ATTRIBUTE not in query:
        return query
    codes = _codes.get(revision.current(), "codes", former_codes)
    return query if _present(query, codes) == query else _present(query, former_codes())


def _present(query: str, former: FormerCodes) -> str:
    if not former:
        return query
    pairs = parse_qsl(query, keep_blank_values=True)
    present = [_pair(name, value, former) for name, value in pairs]
    return query if present == pairs else urlencode(present)


def _pair(name: str, value: str, former: FormerCodes) -> tuple[str, str]:
    if name == BRAND:
        return name, former.brands.get(value, value)
    code = name.removeprefix(ATTRIBUTE)
    if code == name:
        return name, value
    code, value = former.present_value(code, value)
    return ATTRIBUTE + code, value

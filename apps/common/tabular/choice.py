"""Columns by names of their own, where a person says what each is."""

from collections import Counter
from collections.abc import Sequence

from apps.common.tabular.header import normalised
from apps.common.tabular.table import REJECT_LINE


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

"""Ranks: the order of the cards in a column."""

from datetime import datetime
from typing import Any
from uuid import UUID

from apps.prospects.models import Prospect, Stage

# Ranks count nanoseconds before now: a new card is on top without a query of its column. A card that is moved
# stands a second above or below its neighbour, or half-way between two.
GAP = 1_000_000_000


def top(now: datetime) -> int:
    return -int(now.timestamp() * 1_000_000) * 1000


def place(stage: Stage, card: Prospect, after: UUID | None, before: UUID | None, now: datetime) -> int:
    """The rank between two neighbours; either may have left the column since."""
    column = Prospect.objects.not_deleted().filter(stage=stage).exclude(pk=card.pk).order_by("rank", "pk")
    for _attempt in range(2):
        ranks = dict(
            column.filter(public_id__in=[each for each in (after, before) if each]).values_list("public_id", "rank")
        )
        above = ranks.get(after) if after else None
        below = ranks.get(before) if before else None
        if above is None and below is None:
            first = column.values_list("rank", flat=True).first()
            return top(now) if first is None else min(top(now), first - GAP)
        if above is None and below is not None:
            above = column.filter(rank__lt=below).values_list("rank", flat=True).last()
        elif above is not None and (below is None or below <= above):
            below = column.filter(rank__gt=above).values_list("rank", flat=True).first()
        if above is None and below is not None:
            return below - GAP
        if above is not None and below is None:
            return above + GAP
        if above is not None and below is not None and below - above > 1:
            return (above + below) // 2
        _spread(column)
    raise AssertionError


def _spread(column: Any) -> None:
    """Renumbers a whole column with gaps, from the top down, when no number is left between two cards."""
    cards = list(column.only("pk", "rank"))
    first = cards[0].rank
    for place, card in enumerate(cards):
        card.rank = first + place * GAP
    Prospect.objects.bulk_update(cards, ["rank"], batch_size=500)

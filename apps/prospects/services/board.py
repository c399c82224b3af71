from uuid import UUID

from django.db.models import Q

from apps.prospects.models import Prospect, Stage


def column_page(*, stage: Stage, after: UUID | None, limit: int) -> list[Prospect]:
    """The cards of a column from the top, or those under the card `after`; none when it has left the column."""
    cards = Prospect.objects.kept().cards().filter(stage=stage).order_by("rank", "pk")
    if after:
        last = cards.filter(public_id=after).first()
        if last is None:
            return []
        cards = cards.filter(Q(rank__gt=last.rank) | Q(rank=last.rank, pk__gt=last.pk))
    return list(cards[:limit])

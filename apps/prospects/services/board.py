from hashlib import sha256
from uuid import UUID

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from apps.prospects.models import Prospect, ProspectEvent, Stage
from apps.prospects.querysets import ProspectQuerySet

# Transactions commit in another order than their ids: more ids are read than transactions can be open.
LATEST_EVENTS = 100


class Place(TextChoices):
    TOP = "top", _("En haut de la colonne")
    BOTTOM = "bottom", _("En bas de la colonne")
    UP = "up", _("Un rang plus haut")
    DOWN = "down", _("Un rang plus bas")


def column_page(
    *, stage: Stage, after: UUID | None, limit: int, among: ProspectQuerySet | None = None
) -> list[Prospect]:
    """The cards of a column from the top, or those below the card `after`; none when it has left the column.

    Assignees are not joined: the caller reads them for all columns at once.
    """
    found = Prospect.objects.all() if among is None else among
    cards = found.not_deleted().filter(stage=stage).order_by("rank", "pk")
    if after:
        last = cards.filter(public_id=after).first()
        if last is None:
            return []
        cards = cards.filter(Q(rank__gt=last.rank) | Q(rank=last.rank, pk__gt=last.pk))
    page = list(cards[:limit])
    for card in page:
        card.stage = stage
    return page


def neighbours(*, prospect: Prospect, stage: Stage, place: str) -> tuple[UUID | None, UUID | None]:
    """The cards between which a Place of a column lies: the one above, the one below. UP and DOWN are for the card's
    own column; at its end they leave the card where it is.
    """
    column = (
        Prospect.objects.not_deleted().filter(stage=stage).exclude(pk=prospect.pk).values_list("public_id", flat=True)
    )
    if place == Place.BOTTOM:
        return column.order_by("-rank", "-pk").first(), None
    higher = Q(rank__lt=prospect.rank) | Q(rank=prospect.rank, pk__lt=prospect.pk)
    if place == Place.UP:
        above = column.filter(higher).order_by("-rank", "-pk").first()
        return None, above
    if place == Place.DOWN:
        below = column.exclude(higher).order_by("rank", "pk").first()
        return below or column.order_by("-rank", "-pk").first(), None
    return None, None


def board_hash() -> str:
    """Changes whenever a card or a column does; two small queries, whatever the number of cards."""
    events = ProspectEvent.objects.order_by("-pk").values_list("pk", flat=True)[:LATEST_EVENTS]
    stages = Stage.objects.order_by("pk").values_list()
    return sha256(repr((list(events), list(stages))).encode()).hexdigest()[:24]

from collections.abc import Sequence

from django.db.models import Count

from apps.prospects.models import Prospect


def have_duplicates(cards: Sequence[Prospect]) -> set[int]:
    """Which of these cards share an e-mail or telephone key with another; two queries by index for any number."""
    found: set[int] = set()
    for name in ("email_key", "phone_key"):
        keys = {getattr(card, name) for card in cards} - {""}
        rows = Prospect.objects.not_deleted().filter(**{f"{name}__in": keys}).order_by().values(name)
        shared = set(rows.annotate(count=Count("pk")).filter(count__gt=1).values_list(name, flat=True))
        found |= {card.pk for card in cards if getattr(card, name) in shared}
    return found

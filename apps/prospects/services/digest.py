"""The daily digest: an e-mail each morning to staff who follow prospects, with late, due and new ones."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from apps.accounts.models import User
from apps.common import outbox
from apps.prospects.emails import TeamEmail
from apps.prospects.models import DigestChoice, Prospect
from apps.prospects.services.mentions import team

NEW = timedelta(days=1)


@dataclass(frozen=True)
class Digest:
    late: list[Prospect]
    due: list[Prospect]
    new: list[Prospect]


def send_digests(*, now: datetime) -> int:
    """Enqueue one e-mail a day for each colleague who wants it and has something to do; returns how many.

    A second run on the same day enqueues none. Three queries, and one for each e-mail.
    """
    today = localdate(now)
    people = [user for user in team().select_related("prospect_digest") if _wants(user)]
    busy = set(_cards(people, today=today, now=now).values_list("assignee", flat=True))
    return sum(
        outbox.enqueue(
            kind=TeamEmail.DIGEST,
            key=f"digest-{user.pk}-{today.isoformat()}",
            object_id=user.pk,
            language=user.language,
            now=now,
        )
        for user in people
        if user.pk in busy
    )


def digest_of(user: User, *, now: datetime) -> Digest:
    """What a colleague has to do on the day of `now`. One query."""
    today = localdate(now)
    cards = list(_cards([user], today=today, now=now).order_by("next_action_date", "pk"))
    return Digest(
        late=[card for card in cards if card.next_action_date and card.next_action_date < today],
        due=[card for card in cards if card.next_action_date == today],
        new=[card for card in cards if card.assigned_at and card.assigned_at > now - NEW],
    )


def _cards(people: list[User], *, today: date, now: datetime) -> "QuerySet[Prospect]":
    due = Q(next_action_date__lte=today) | Q(assigned_at__gt=now - NEW)
    return Prospect.objects.not_deleted().filter(due, assignee__in=people, stage__outcome="OPEN", anonymised_at=None)


def choose_digest(*, user: User, is_wanted: bool) -> None:
    DigestChoice.objects.update_or_create(user=user, defaults={"is_wanted": is_wanted})


def wants_digest(user: User) -> bool:
    """One query."""
    return not DigestChoice.objects.filter(user=user, is_wanted=False).exists()


def _wants(user: User) -> bool:
    choice: DigestChoice | None = getattr(user, "prospect_digest", None)
    return choice is None or choice.is_wanted

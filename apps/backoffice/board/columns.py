"""Context of the board: columns with counts and first cards; the number of queries depends on the columns alone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import prefetch_related_objects
from django.utils import timezone

from apps.accounts.models import User
from apps.backoffice.board.filters import MOST_PAGES, Filters
from apps.prospects.models import Prospect, Stage
from apps.prospects.services import column_page

PAGE = 25


@dataclass(frozen=True)
class Card:
    prospect: Prospect
    age: int  # whole days in the column
    is_cold: bool
    is_late: bool
    is_today: bool

    @property
    def initials(self) -> str:
        user = self.prospect.assignee
        if user is None:
            return ""
        initials = (user.first_name[:1] + user.last_name[:1]) or user.email[:1]
        return initials.upper()


@dataclass(frozen=True)
class Column:
    stage: Stage
    cards: list[Card]
    count: int  # with the filters
    total: int  # without
    more: str  # query string of the next page; empty on the last
    is_cut: bool  # more than the board ever shows

    @property
    def is_over(self) -> bool:
        return self.stage.wip_limit is not None and self.total > self.stage.wip_limit


def read_columns(*, filters: Filters, stages: list[Stage], user: User, now: datetime) -> list[Column]:
    today = timezone.localdate(now)
    found = filters.apply(stages=stages, user=user, now=now, today=today)
    totals = Prospect.objects.counts()
    counts = found.counts() if filters.asked else totals
    columns = []
    for stage in stages:
        if stage.is_hidden and stage.pk not in totals:
            continue
        pages = filters.pages.get(stage.code, 1)
        cards = column_page(stage=stage, after=None, limit=pages * PAGE + 1, among=found)
        has_more = len(cards) > pages * PAGE
        columns.append(
            Column(
                stage=stage,
                cards=[card_of(each, now=now, today=today) for each in cards[: pages * PAGE]],
                count=counts.get(stage.pk, 0),
                total=totals.get(stage.pk, 0),
                more=filters.query_string(pages=filters.pages | {stage.code: pages + 1})
                if has_more and pages < MOST_PAGES
                else "",
                is_cut=has_more and pages == MOST_PAGES,
            )
        )
    prefetch_related_objects([card.prospect for column in columns for card in column.cards], "assignee")
    return columns


def card_of(prospect: Prospect, *, now: datetime, today: date) -> Card:
    age = now - prospect.stage_since
    limit = prospect.stage.cold_after_days
    due = prospect.next_action_date
    return Card(
        prospect=prospect,
        age=max(age.days, 0),
        is_cold=limit is not None and age > timedelta(days=limit),
        is_late=due is not None and due < today,
        is_today=due == today,
    )

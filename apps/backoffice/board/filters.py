"""Search and filters of the board, from its query string."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from apps.accounts.models import User
from apps.prospects.models import Prospect, Stage
from apps.prospects.querysets import ProspectQuerySet
from apps.prospects.services.mentions import team

WEEK = timedelta(days=7)
MORE = "more"
# One column then holds 500 cards, more than anybody reads; the list in the admin has the others.
MOST_PAGES = 20


class Filters(forms.Form):
    """An invalid value filters nothing."""

    ACTIONS = [
        ("", _("Toutes")),
        ("late", _("En retard")),
        ("today", _("Aujourd’hui")),
        ("week", _("Dans les 7 jours")),
        ("none", _("Sans prochaine action")),
    ]

    q = forms.CharField(
        label=_("Rechercher"),
        max_length=100,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "search", "placeholder": _("Nom, société, e-mail…")}),
    )
    assignee = forms.ChoiceField(label=_("Suivi par"), required=False, widget=UnfoldAdminSelectWidget)
    source = forms.ChoiceField(label=_("Origine"), required=False, widget=UnfoldAdminSelectWidget)
    action = forms.ChoiceField(
        label=_("Prochaine action"), required=False, choices=ACTIONS, widget=UnfoldAdminSelectWidget
    )
    cold = forms.BooleanField(label=_("Seulement les cartes froides"), required=False, widget=UnfoldBooleanWidget)

    def __init__(self, query: QueryDict) -> None:
        super().__init__(query, auto_id="board-%s")
        self.fields["assignee"].choices = [("", _("Tout le monde")), ("me", _("Moi")), ("none", _("Personne"))] + [
            (str(user.pk), user.get_full_name() or user.email) for user in team()
        ]
        self.fields["source"].choices = [("", _("Toutes")), *((name, name) for name in _sources())]
        self.full_clean()
        self.asked: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if value}
        self.pages = _pages(query.getlist(MORE))

    @property
    def active(self) -> int:
        """How many there are besides the search, which is visible by itself."""
        return len(self.asked.keys() - {"q"})

    def query_string(self, *, pages: dict[str, int] | None = None) -> str:
        """The query string of these filters, in canonical form."""
        query = QueryDict(mutable=True)
        for name, value in self.asked.items():
            query[name] = "1" if value is True else value
        query.setlist(MORE, [f"{code}.{count}" for code, count in (pages or {}).items() if count > 1])
        return query.urlencode()

    def apply(self, *, stages: list[Stage], user: User, now: datetime, today: date) -> ProspectQuerySet:
        found = Prospect.objects.not_deleted().matching(self.asked.get("q", ""))
        assignee = self.asked.get("assignee")
        if assignee == "none":
            found = found.filter(assignee=None)
        elif assignee:
            found = found.filter(assignee=user.pk if assignee == "me" else int(assignee))
        if "source" in self.asked:
            found = found.filter(source=self.asked["source"])
        if "action" in self.asked:
            found = found.filter(_due(self.asked["action"], today))
        if "cold" in self.asked:
            found = found.filter(_cold(stages, now))
        return found


def _sources() -> list[str]:
    named = Prospect.objects.not_deleted().exclude(source="")
    return list(named.order_by("source").values_list("source", flat=True).distinct()[:100])


def _pages(asked: list[str]) -> dict[str, int]:
    """`more=contacte.3` shows three pages of that column."""
    pages = {}
    for each in asked[:50]:
        code, _dot, count = each.rpartition(".")
        if code and len(count) < 4 and count.isdecimal() and int(count) > 1:
            pages[code] = min(int(count), MOST_PAGES)
    return pages


def _due(action: str, today: date) -> Q:
    return {
        "late": Q(next_action_date__lt=today),
        "today": Q(next_action_date=today),
        "week": Q(next_action_date__range=(today, today + WEEK)),
        "none": Q(next_action_date=None, next_action=""),
    }[action]


def _cold(stages: list[Stage], now: datetime) -> Q:
    cold = Q(pk__in=[])
    for stage in stages:
        if stage.cold_after_days is not None:
            cold |= Q(stage=stage, stage_since__lt=now - timedelta(days=stage.cold_after_days))
    return cold

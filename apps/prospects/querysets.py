from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Q

from apps.accounts.models import User
from apps.prospects.fields import SEARCHED

if TYPE_CHECKING:
    from apps.prospects.models import Prospect


class StageQuerySet(models.QuerySet["Stage"]):
    def visible(self) -> "StageQuerySet":
        """The columns that cards are put into."""
        return self.filter(is_hidden=False)


class ProspectQuerySet(models.QuerySet["Prospect"]):
    def not_deleted(self) -> "ProspectQuerySet":
        """Not deleted."""
        return self.filter(deleted_at=None)

    def cards(self) -> "ProspectQuerySet":
        """With all that a card displays. With these two small tables joined in, MySQL would read and sort every
        prospect."""
        return self.prefetch_related("stage", "assignee")

    def with_email(self, text: str) -> "ProspectQuerySet":
        """A whole address, or the beginning of one followed by `*` or without a domain. Uses the index on e-mail."""
        text = text.strip()
        if text.endswith("*") or "@" not in text:
            # Not __startswith, for which MySQL would not use the index.
            return self.filter(email__istartswith=text.rstrip("*"))
        return self.filter(email=text)

    def matching(self, text: str) -> "ProspectQuerySet":
        """Every word in one of the searched fields (apps/prospects/fields.py)."""
        found = self
        for word in text.split()[:8]:
            found = found.filter(Q(*((f"{name}__icontains", word) for name in SEARCHED), _connector=Q.OR))
        return found

    def counts(self) -> dict[int, int]:
        """How many by stage, in one query."""
        return dict(self.not_deleted().order_by().values_list("stage").annotate(count=Count("pk")))

    def late_for(self, user: User, today: date) -> "ProspectQuerySet":
        """Somebody's cards whose next action should be done by now."""
        return self.filter(assignee=user, next_action_date__lt=today)

    def like(self, prospect: "Prospect") -> "ProspectQuerySet":
        """Others with the same e-mail or telephone number."""
        same = Q(pk__in=[])
        for name in ("email_key", "phone_key"):
            if key := getattr(prospect, name):
                same |= Q(**{name: key})
        return self.not_deleted().filter(same).exclude(pk=prospect.pk)

"""Notifies staff of planned reductions that could not begin: one e-mail a person for all of a minute, once."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from apps.accounts.models import User
from apps.catalogue.emails import CatalogueEmail
from apps.catalogue.models import PlannedReduction
from apps.common import outbox

AT_ONCE = 500


@transaction.atomic(durable=True)
def notify_of_refused_reductions(*, now: datetime) -> int:
    """Enqueue an e-mail for each colleague who may plan reductions; returns how many reductions it is about.

    A repeat, or another worker at the same time, notifies of none again. Without a recipient they stay pending. Three
    queries, and one for each person; one query when there is nothing.
    """
    pending = PlannedReduction.objects.filter(state=PlannedReduction.State.REFUSED, notified_at=None)
    rows = list(pending.select_for_update(of=("self",)).order_by("starts_at", "pk")[:AT_ONCE])
    people = list(_planners()) if rows else []
    if not people:
        return 0
    PlannedReduction.objects.filter(pk__in=[row.pk for row in rows]).update(notified_at=now)
    for user in people:
        outbox.enqueue(
            kind=CatalogueEmail.REFUSED_REDUCTIONS,
            key=f"reductions-refused-{rows[0].pk}-{user.pk}",
            object_id=user.pk,
            language=user.language,
            now=now,
        )
    return len(rows)


def _planners() -> "QuerySet[User]":
    may = {"codename": "change_plannedreduction", "content_type__app_label": "catalogue"}
    granted = Q(is_superuser=True)
    for path in ("user_permissions", "groups__permissions"):
        granted |= Q(**{f"{path}__{name}": value for name, value in may.items()})
    return User.objects.filter(granted, is_staff=True, is_active=True).distinct().order_by("pk")

"""Notifies staff of planned reductions that could not begin: one e-mail a person for all of a minute, once."""

from datetime import datetime

from django.db import transaction

from apps.accounts.services import colleagues_who_may
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
    people = list(colleagues_who_may("catalogue.change_plannedreduction")) if rows else []
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

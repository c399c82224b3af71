"""Tells the team of planned reductions that could not begin: one e-mail a person for all of a minute, and once."""

from datetime import datetime

from django.db import transaction

from apps.accounts.services import colleagues_who_may
from apps.catalogue.emails import CatalogueEmail
from apps.catalogue.models import PlannedReduction
from apps.common import outbox

AT_ONCE = 500


@transaction.atomic(durable=True)
def notify_of_refused_reductions(*, now: datetime) -> int:
    """Owe an e-mail to each colleague who may plan reductions; returns how many reductions were told.

    A repeat, or another worker at the same time, tells nothing again. With nobody to tell they stay untold, for whoever
    comes. Three queries, and one for each person; one query when there is nothing.
    """
    pending = PlannedReduction.objects.filter(state=PlannedReduction.State.REFUSED, told_at=None)
    rows = list(pending.select_for_update(of=("self",)).order_by("starts_at", "pk")[:AT_ONCE])
    people = list(colleagues_who_may("catalogue.change_plannedreduction")) if rows else []
    if not people:
        return 0
    PlannedReduction.objects.filter(pk__in=[row.pk for row in rows]).update(told_at=now)
    for user in people:
        outbox.enqueue(
            kind=CatalogueEmail.REFUSED_REDUCTIONS,
            key=f"reductions-refused-{rows[0].pk}-{user.pk}",
            object_id=user.pk,
            language=user.language,
            now=now,
        )
    return len(rows)

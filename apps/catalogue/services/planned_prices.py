"""Reductions that begin and end at a time that staff chose."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.catalogue.models import PlannedReduction
from apps.catalogue.services.prices import end_reduction, start_reduction
from apps.common.errors import DomainError
from apps.common.transactions import survives_deadlock

State = PlannedReduction.State


def apply_planned_prices(*, now: datetime, limit: int = 500) -> int:
    """End and begin what is due, ends first; returns how many moved. Run every minute; a repeat finds nothing.

    Each in a transaction of its own, so that one that cannot begin does not hold up the others.
    """
    due = PlannedReduction.objects.filter(
        Q(state=State.RUNNING, ends_at__lte=now) | Q(state=State.PLANNED, starts_at__lte=now)
    ).order_by("state", "starts_at", "pk")
    ends = list(due.filter(state=State.RUNNING).values_list("pk", flat=True)[:limit])
    starts = list(due.filter(state=State.PLANNED).values_list("pk", flat=True)[: limit - len(ends)])
    return sum(_move(pk=pk, now=now) for pk in [*ends, *starts])


@survives_deadlock
def _move(*, pk: int, now: datetime) -> bool:
    with transaction.atomic():
        planned = (
            PlannedReduction.objects.select_for_update(of=("self",)).select_related("variant", "author").get(pk=pk)
        )
        if planned.state == State.RUNNING and planned.ends_at <= now:
            # Another price set meanwhile by hand is left alone.
            if planned.variant.is_reduced and planned.variant.price == planned.amount:
                end_reduction(variant=planned.variant, author=planned.author, now=now)
            planned.state = State.ENDED
        elif planned.state == State.PLANNED and planned.ends_at <= now:
            planned.state, planned.refusal = State.REFUSED, _("la période était passée avant qu’elle commence")
        elif planned.state == State.PLANNED and planned.starts_at <= now:
            try:
                start_reduction(variant=planned.variant, amount=planned.amount, author=planned.author, now=now)
                planned.state = State.RUNNING
            except DomainError as error:
                planned.state, planned.refusal = State.REFUSED, error.message[:200]
        else:
            return False
        planned.save(update_fields=["state", "refusal"])
    return True

"""Tells the team of planned reductions that could not begin: one e-mail a person for all of a minute, and once."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.catalogue.models import PlannedReduction
from apps.common.money import format_euros
from apps.prospects.services.letters import owe

LISTED = 20
AT_ONCE = 500


@transaction.atomic
def tell_of_refused_reductions(*, now: datetime) -> int:
    """Owe a letter to each colleague who may plan reductions; returns how many reductions were told.

    A repeat, or another worker at the same time, tells nothing again. With nobody to tell they stay untold, for whoever
    comes. Three queries, and those of a letter for each person; one query when there is nothing.
    """
    untold = PlannedReduction.objects.filter(state=PlannedReduction.State.REFUSED, told_at=None)
    rows = list(
        untold.select_related("variant__product").select_for_update(of=("self",)).order_by("starts_at", "pk")[:AT_ONCE]
    )
    people = list(_planners()) if rows else []
    if not people:
        return 0
    PlannedReduction.objects.filter(pk__in=[row.pk for row in rows]).update(told_at=now)
    for user in people:
        _tell(user, rows, now)
    return len(rows)


def _planners() -> "QuerySet[User]":
    may = {"codename": "change_plannedreduction", "content_type__app_label": "catalogue"}
    granted = Q(is_superuser=True)
    for path in ("user_permissions", "groups__permissions"):
        granted |= Q(**{f"{path}__{name}": value for name, value in may.items()})
    return User.objects.filter(granted, is_staff=True, is_active=True).distinct().order_by("pk")


def _tell(user: User, rows: list[PlannedReduction], now: datetime) -> None:
    with translation.override(user.language):
        count = len(rows)
        parts = [
            _("Bonjour,"),
            ngettext(
                "Une réduction prévue n’a pas commencé : le prix courant reste demandé.",
                "%(count)s réductions prévues n’ont pas commencé : le prix courant reste demandé.",
                count,
            )
            % {"count": count},
        ]
        parts += [_line(row, user.language) for row in rows[:LISTED]]
        if count > LISTED:
            parts.append(_("… et %(count)s autres.") % {"count": count - LISTED})
        address = settings.SITE_URL + reverse("admin:catalogue_plannedreduction_changelist") + "?state__exact=REFUSED"
        parts.append(_("Voir les réductions refusées :") + "\n" + address)
        owe(
            key=f"reductions-refused-{rows[0].pk}-{user.pk}",
            user=user,
            subject=ngettext(
                "%(count)s réduction prévue a été refusée", "%(count)s réductions prévues ont été refusées", count
            )
            % {"count": count},
            text="\n\n".join(parts),
            now=now,
        )


def _line(row: PlannedReduction, language: str) -> str:
    variant = row.variant
    name = f"{variant.product.name}, {variant.label}" if variant.label else variant.product.name
    price, start = format_euros(row.amount, language), date_format(localtime(row.starts_at), "SHORT_DATETIME_FORMAT")
    return f"{name} ({variant.sku}) — {price}, {start}\n{row.refusal}".rstrip()

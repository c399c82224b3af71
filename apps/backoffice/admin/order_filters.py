"""Filters of the list of orders, in the words of the shop."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.delivery.models import DeliveryMethod


class DeliveryKindFilter(admin.AllValuesFieldListFilter):
    """By the label of a kind of delivery."""

    def choices(self, changelist):
        names = dict(DeliveryMethod.Kind.choices)
        for choice in super().choices(changelist):
            yield {**choice, "display": names.get(str(choice["display"]), choice["display"])}


class PaidFilter(admin.SimpleListFilter):
    title = _("paiement reçu")
    parameter_name = "payee"

    def lookups(self, request, model_admin):
        return [("oui", _("payée")), ("non", _("pas encore payée"))]

    def queryset(self, request, queryset):
        return queryset.filter(paid_at__isnull=self.value() == "non") if self.value() in ("oui", "non") else queryset


def _months_before(day: date, months: int) -> date:
    """The first day of the month so many months before."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


# Each from its first day to the day after its last.
PERIODS: dict[str, tuple[object, Callable[[date], tuple[date, date]]]] = {
    "aujourdhui": (_("aujourd’hui"), lambda day: (day, day + timedelta(days=1))),
    "hier": (_("hier"), lambda day: (day - timedelta(days=1), day)),
    "7-jours": (_("ces 7 derniers jours"), lambda day: (day - timedelta(days=6), day + timedelta(days=1))),
    "mois": (_("ce mois-ci"), lambda day: (_months_before(day, 0), day + timedelta(days=1))),
    "mois-dernier": (_("le mois dernier"), lambda day: (_months_before(day, 1), _months_before(day, 0))),
    "annee": (_("cette année"), lambda day: (date(day.year, 1, 1), day + timedelta(days=1))),
    "annee-derniere": (_("l’année dernière"), lambda day: (date(day.year - 1, 1, 1), date(day.year, 1, 1))),
}


class PeriodFilter(admin.SimpleListFilter):
    """When an order was placed, in the days of Paris."""

    title = _("passée")
    parameter_name = "periode"

    def lookups(self, request, model_admin):
        return [(code, label) for code, (label, _days) in PERIODS.items()]

    def queryset(self, request, queryset):
        if self.value() not in PERIODS:
            return queryset
        first, after = PERIODS[self.value()][1](timezone.localdate())
        return queryset.filter(placed_at__gte=_midnight(first), placed_at__lt=_midnight(after))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))

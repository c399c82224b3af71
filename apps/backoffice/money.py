"""Amounts in the lists and read-only fields of the back office."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.http import HttpRequest
from django.utils.text import capfirst

from apps.common.money import MoneyField, format_euros


def money_field(model: type[Model], name: Any) -> MoneyField | None:
    try:
        field = model._meta.get_field(name) if isinstance(name, str) else None
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, MoneyField) else None


class MoneyColumns(admin.ModelAdmin):
    """Columns that name a MoneyField show euros; sorting, links and editing in place stay as they are."""

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns = list(super().get_list_display(request))
        plain = {*self.list_editable, *(self.list_display_links or columns[:1])}
        return [self._column(name) if name not in plain else name for name in columns]

    def _column(self, name: Any) -> str | Callable[..., str]:
        field = money_field(self.model, name)
        if field is None:
            return name

        @admin.display(description=capfirst(field.verbose_name), ordering=field.name)
        def column(row: Any) -> str:
            amount = getattr(row, field.name)
            return "—" if amount is None else format_euros(amount)

        column.__name__ = field.name
        return column

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class ScreenLookups(admin.ModelAdmin):
    """Mixed into every ModelAdmin by the site: the query string of a list filters by columns of its screen alone.

    Django lets whoever sees a list filter it by every column of its table. `?access_token__startswith=a` then answers
    yes or no, letter by letter, until somebody who may only read an order has the link with which its buyer acts.
    """

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        name = lookup.partition("__")[0]
        return super().lookup_allowed(lookup, value, request) and name in self._names_on_screen(request)

    def _names_on_screen(self, request: HttpRequest) -> set[str]:
        key = self.model._meta.pk
        names = {"pk", key.name, str(self.date_hierarchy or "")}
        for each in [*self.get_list_filter(request), *self.get_list_display(request)]:
            name = each[0] if isinstance(each, list | tuple) else each
            names.add(getattr(name, "parameter_name", name) if not isinstance(name, str) else name.partition("__")[0])
        for row in (None, self.model()):
            for _title, options in self.get_fieldsets(request, row):
                for field in options["fields"]:
                    names.update(field if isinstance(field, list | tuple) else [field])
        return names

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin import AdminSite, ModelAdmin
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from apps.backoffice.edits.admin import GuardedAdmin
from apps.backoffice.lookups import ScreenLookups
from apps.backoffice.money import MoneyColumns

OURS = ("apps.", "webmarket.")
RESULTS_A_PAGE = 100


class BackofficeSite(UnfoldAdminSite):
    """Registers the screens of this project alone, each guarded against two people who edit one record.

    Packages register screens of their own models when they are installed, without our guards: with allauth's, whoever
    may add an e-mail address becomes superuser. Such a model has a screen only by a ModelAdmin of this project. Columns
    of money are formatted in one way.
    """

    index_title = _("Tableau de bord")
    _are_screens_imported = False

    @property
    def _registry(self) -> dict[type[Model], ModelAdmin]:
        """Imports the screens when one is asked for: by URLs, checks, rights. Tasks and most commands never do.

        20 MB and 0.4 s of each of their processes. No threads run yet when a web process loads its URLs.
        """
        if not self._are_screens_imported:
            self._are_screens_imported = True
            admin.autodiscover()
        return self._screens

    @_registry.setter
    def _registry(self, screens: dict[type[Model], ModelAdmin]) -> None:
        self._screens = screens

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[ModelAdmin] | None = None,
        **options: Any,
    ) -> None:
        if admin_class is None or not admin_class.__module__.startswith(OURS):
            return
        if not issubclass(admin_class, GuardedAdmin):
            names = {"__module__": admin_class.__module__, "__doc__": admin_class.__doc__}
            admin_class = type(admin_class.__name__, (GuardedAdmin, ScreenLookups, MoneyColumns, admin_class), names)
        super().register(model_or_iterable, admin_class, **options)

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """The menu's search over the lists that this person may see, computed each time.

        Unfold caches results for minutes, as objects, and answers 500 to a page that is no number.
        """
        term = request.GET.get("s", "").strip().lower()
        if not term:
            return HttpResponse()
        found = self._search_apps(AdminSite.get_app_list(self, request), term)
        page = Paginator(found, RESULTS_A_PAGE).get_page(request.GET.get("page"))
        kind = "command" if "extended" in request.GET else "search"
        context = {
            "page_obj": page.paginator,
            "results": page,
            "page_counter": (page.number - 1) * RESULTS_A_PAGE,
            "command_show_history": False,
        }
        return TemplateResponse(
            request, f"unfold/helpers/{kind}_results.html", context, headers={"HX-Trigger": "search"}
        )

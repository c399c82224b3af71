from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from apps.backoffice.edits.admin import GuardedAdmin
from apps.backoffice.money import MoneyColumns


class BackofficeSite(UnfoldAdminSite):
    """Unfold's site, in which no ModelAdmin, ours or a package's, forgets that two people may edit one record.

    Nor how money is written.
    """

    index_title = _("Tableau de bord")

    def register(
        self, model_or_iterable: type[Model] | Iterable[type[Model]], admin_class: Any = None, **options: Any
    ) -> None:
        admin_class = admin_class or ModelAdmin
        if not issubclass(admin_class, GuardedAdmin):
            told = {"__module__": admin_class.__module__, "__doc__": admin_class.__doc__}
            admin_class = type(admin_class.__name__, (GuardedAdmin, MoneyColumns, admin_class), told)
        super().register(model_or_iterable, admin_class, **options)

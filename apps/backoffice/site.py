from collections.abc import Iterable
from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from apps.backoffice.edits.admin import GuardedAdmin
from apps.backoffice.money import MoneyColumns

OURS = ("apps.", "webmarket.")


class BackofficeSite(UnfoldAdminSite):
    """Shows the screens of this project alone, each guarded against two people who edit one record.

    Packages register screens of their own models when they are installed, without the guards that ours have: with
    allauth's, whoever may add an e-mail address becomes superuser. Such a model is seen here only by a ModelAdmin that
    this project wrote for it. Columns of money are written in one way.
    """

    index_title = _("Tableau de bord")

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
            admin_class = type(admin_class.__name__, (GuardedAdmin, MoneyColumns, admin_class), names)
        super().register(model_or_iterable, admin_class, **options)

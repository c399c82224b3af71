from typing import Any

from django.contrib.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

OURS = ("apps.", "webmarket.")


class BackofficeSite(UnfoldAdminSite):
    """Shows the screens of this project alone.

    Packages register screens of their own models when they are installed, without the guards that ours have: with
    allauth's, whoever may add an e-mail address becomes superuser. Such a model is seen here only by a ModelAdmin that
    this project wrote for it.
    """

    def register(self, model_or_iterable: Any, admin_class: type[ModelAdmin] | None = None, **options: Any) -> None:
        if admin_class is not None and admin_class.__module__.startswith(OURS):
            super().register(model_or_iterable, admin_class, **options)

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.common.absent import absent


class BackofficeConfig(AppConfig):
    name = "apps.backoffice"
    verbose_name = _("Arrière-boutique")

    def ready(self) -> None:
        """Replaces the admin site before any admin module is found: they register with it."""
        from django.contrib import admin
        from django.contrib.admin import sites

        # The first of all to be ready: unfold's templates and the API would import them with it.
        with absent("pygments", "requests"):
            import rest_framework.compat  # noqa: F401

        from apps.backoffice.site import BackofficeSite

        admin.site = sites.site = BackofficeSite()

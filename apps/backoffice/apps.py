from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackofficeConfig(AppConfig):
    name = "apps.backoffice"
    verbose_name = _("Arrière-boutique")

    def ready(self) -> None:
        """Before any admin module is found: they register with the site that stands here."""
        from django.contrib import admin
        from django.contrib.admin import sites

        from apps.backoffice.site import BackofficeSite

        admin.site = sites.site = BackofficeSite()

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackofficeConfig(AppConfig):
    name = "apps.backoffice"
    verbose_name = _("Arrière-boutique")

    def ready(self) -> None:
        from django.contrib import admin
        from django.contrib.admin import sites

        from apps.backoffice.site import BackofficeSite

        # Before django.contrib.admin collects what is registered.
        admin.site = sites.site = BackofficeSite()
        admin.site.index_title = _("Tableau de bord")

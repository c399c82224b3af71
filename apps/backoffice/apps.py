from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackofficeConfig(AppConfig):
    name = "apps.backoffice"
    verbose_name = _("Arrière-boutique")

    def ready(self) -> None:
        from django.contrib import admin

        admin.site.index_title = _("Tableau de bord")

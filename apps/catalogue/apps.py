from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogueConfig(AppConfig):
    name = "apps.catalogue"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        from apps.catalogue.models import page_address
        from apps.catalogue.services.listing import refresh_page_urls

        page_address.after_new_slugs[:] = [refresh_page_urls]

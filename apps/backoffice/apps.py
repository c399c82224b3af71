from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.common.absent import absent


class BackofficeConfig(AppConfig):
    name = "apps.backoffice"
    verbose_name = _("Arrière-boutique")

    def ready(self) -> None:
        # The first of all to be ready: unfold's templates and the API would import them with it.
        with absent("pygments", "requests"):
            import rest_framework.compat  # noqa: F401
        _offer_workbooks_without_openpyxl()


def _offer_workbooks_without_openpyxl() -> None:
    """import-export imports openpyxl, and lxml with it, to see whether they are there: 8 MB. The first export does."""
    import tablib  # noqa: F401 - which registers the format, and imports it when it is used

    with absent("openpyxl"):
        from import_export.formats import base_formats
    if base_formats.XLSX not in base_formats.DEFAULT_FORMATS:
        base_formats.DEFAULT_FORMATS.insert(1, base_formats.XLSX)
        base_formats.BINARY_FORMATS.append(base_formats.XLSX)

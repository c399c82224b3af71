from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    """Installed only where DEMO is true: data and pages of the demonstration."""

    name = "apps.demo"
    verbose_name = _("Démonstration")

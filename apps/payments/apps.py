from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "apps.payments"
    verbose_name = _("Paiements")

    def ready(self) -> None:
        from apps.payments import checks  # noqa: F401 - registers them

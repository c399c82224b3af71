from django.apps import AppConfig


class StorefrontConfig(AppConfig):
    name = "apps.storefront"

    def ready(self) -> None:
        from apps.storefront import visitor  # noqa: F401 - connects the merging of baskets to allauth's login signal

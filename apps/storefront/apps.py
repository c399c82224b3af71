from django.apps import AppConfig


class StorefrontConfig(AppConfig):
    name = "apps.storefront"

    def ready(self) -> None:
        # Connect the merging of baskets to allauth's login, and the reopening of an account to its reset of a password.
        from apps.storefront import new_password, visitor  # noqa: F401

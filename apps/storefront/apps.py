from django.apps import AppConfig


class StorefrontConfig(AppConfig):
    name = "apps.storefront"

    def ready(self) -> None:
        # Signal receivers: baskets are merged at login, and a password reset lifts the account's lockout.
        from apps.catalogue.listing import page_urls
        from apps.common.absent import later
        from apps.storefront import new_password, visitor  # noqa: F401

        later("allauth.mfa.webauthn.internal.auth")
        page_urls.url_patterns.update(product="storefront:product", category="storefront:category")

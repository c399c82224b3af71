from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from apps.payments import gateways


@register("payments")
def hosted_pages_are_named(**_kwargs: Any) -> list[CheckMessage]:
    """A browser drops, without a word to the shopper, a form whose answer leads to a page that no policy names."""
    away = [each.code for each in gateways.registered().values() if each.is_remote and not each.needs_instrument]
    if not away or settings.PAYMENT_ORIGINS:
        return []
    return [
        Error(
            f"Paid on a page of the provider's own, but PAYMENT_ORIGINS names none: {', '.join(away)}.",
            hint="Set PAYMENT_ORIGINS to the origins of those pages, https://pay.example.",
            id="payments.E001",
        )
    ]

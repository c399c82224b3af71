from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

MOMENTS = ("payment", "delivery")


@register("invoicing")
def the_moment_is_one_of_the_laws(**_kwargs: Any) -> list[CheckMessage]:
    """Another word would be read as « payment » in silence."""
    if settings.INVOICE_AT in MOMENTS:
        return []
    return [
        Error(
            f"INVOICE_AT is « {settings.INVOICE_AT} ».",
            hint=f"Set it to one of {', '.join(MOMENTS)}.",
            id="invoicing.E001",
        )
    ]

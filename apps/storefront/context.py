from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apps.storefront.chrome import current_chrome


def frame(request: HttpRequest) -> dict[str, object]:
    """Menu, links and shop data for the frame of a page; read only if a template asks (the admin does not)."""
    return {
        "chrome": SimpleLazyObject(current_chrome),
        "shop": settings.SHOP,
        "site_url": settings.SITE_URL,
        "demo": settings.DEMO,
    }

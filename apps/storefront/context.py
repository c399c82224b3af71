from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apps.shop.identity import current
from apps.storefront.chrome import current_chrome


def frame(request: HttpRequest) -> dict[str, object]:
    """Context processor: menu, links and shop data for the frame of a page; lazy, for the admin uses none of it."""
    return {
        "chrome": SimpleLazyObject(current_chrome),
        "shop": SimpleLazyObject(current),
        "site_url": settings.SITE_URL,
        "demo": settings.DEMO,
    }

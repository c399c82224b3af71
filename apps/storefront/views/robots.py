from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import override

from apps.common.translation import LANGUAGES

PRIVATE = ("basket", "checkout", "account", "me", "suggestions")


def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read: everything that is the same for everyone."""
    lines = ["User-agent: *"]
    for language in LANGUAGES:
        with override(language):
            lines += [f"Disallow: {reverse(f'storefront:{name}')}" for name in PRIVATE]
    lines += ["Disallow: /admin/", f"Sitemap: {settings.SITE_URL}{reverse('sitemap_index')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")

"""What crawlers ask for, made once for all of them."""

from django.conf import settings
from django.contrib.sitemaps import views
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page

from apps.common.addresses import at_site_url
from apps.common.translation import LANGUAGES
from apps.storefront.page_cache import shared_page
from apps.storefront.sitemaps import SITEMAPS

PRIVATE = ("basket", "checkout", "account", "me", "suggestions")


@conditional_page
@cache_control(public=True, max_age=3600)
def robots(request: HttpRequest) -> HttpResponse:
    """What they may read: everything that is the same for everyone. It changes with releases alone, and asks no
    database."""
    lines = ["User-agent: *"]
    for language in LANGUAGES:
        with override(language):
            lines += [f"Disallow: {reverse(f'storefront:{name}')}" for name in PRIVATE]
    lines += ["Disallow: /admin/", f"Sitemap: {settings.SITE_URL}{reverse('sitemap_index')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@shared_page
def sitemap_index(request: HttpRequest) -> HttpResponse:
    response = views.index(request, sitemaps=SITEMAPS, sitemap_url_name="sitemap")
    for item in response.context_data["sitemaps"]:
        item.location = at_site_url(item.location)
    return response


@shared_page
def sitemap(request: HttpRequest, section: str) -> HttpResponse:
    return views.sitemap(request, sitemaps=SITEMAPS, section=section)

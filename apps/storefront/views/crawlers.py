"""Resources for crawlers and browsers: robots.txt, sitemaps, icons, manifest."""

from django.conf import settings
from django.contrib.sitemaps import views
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from apps.common.site_url import at_site_url
from apps.common.translation import LANGUAGES, current_language
from apps.shop.colours import palette
from apps.shop.identity import current
from apps.storefront.page_cache import shared_page
from apps.storefront.sitemaps import SITEMAPS

PRIVATE = ("basket", "checkout", "account", "me", "suggestions")


@conditional_page
@cache_control(public=True, max_age=3600)
def robots(request: HttpRequest) -> HttpResponse:
    """Crawlers may read whatever is the same for everyone. Changes with releases alone; no query."""
    lines = ["User-agent: *"]
    for language in LANGUAGES:
        with override(language):
            lines += [f"Disallow: {reverse(f'storefront:{name}')}" for name in PRIVATE]
    lines += ["Disallow: /admin/", f"Sitemap: {settings.SITE_URL}{reverse('sitemap_index')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=86400)
def icon(request: HttpRequest, name: str) -> HttpResponse:
    """Browsers and telephones request these at the root, whatever the pages say."""
    return HttpResponseRedirect(current().icons.get(name) or static(f"storefront/{name}"))


@require_safe
@shared_page
def colours(request: HttpRequest, number: int) -> HttpResponse:
    """The custom properties that follow from the shop's own colour. Pages name the shop's version as its number."""
    if not current().accent:
        raise Http404
    return render(
        request,
        "storefront/colours.css",
        {"palette": palette(current().accent)},
        content_type="text/css; charset=utf-8",
    )


@require_safe
@conditional_page
@cache_control(public=True, max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:
    """Web app manifest: name and look on a telephone's home screen (https://www.w3.org/TR/appmanifest/)."""
    home = reverse("storefront:home")
    described = {
        "id": home,
        "name": current().name,
        "short_name": current().name,
        "lang": current_language(),
        "dir": "ltr",
        "start_url": home,
        "scope": "/",
        "display": "minimal-ui",
        "background_color": "#FBF8F2",
        "theme_color": "#256B4C",
        "icons": [
            {
                "src": current().icons.get(f"icon-{size}.png") or static(f"storefront/icon-{size}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": use,
            }
            for size in (192, 512)
            for use in ("any", "maskable")
        ],
    }
    return JsonResponse(described, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})


@shared_page
def sitemap_index(request: HttpRequest) -> HttpResponse:
    offered = {name: each for name, each in SITEMAPS.items() if name.endswith(current().languages)}
    response = views.index(request, sitemaps=offered, sitemap_url_name="sitemap")
    for item in response.context_data["sitemaps"]:
        item.location = at_site_url(item.location)
    return response


@shared_page
def sitemap(request: HttpRequest, section: str) -> HttpResponse:
    return views.sitemap(request, sitemaps=SITEMAPS, section=section)

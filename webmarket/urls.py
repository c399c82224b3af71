from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from apps.storefront.views.crawlers import icon, robots, sitemap, sitemap_index
from webmarket.media import media_urls
from webmarket.resolver import translated

urlpatterns = [
    path("admin/", include("apps.backoffice.urls")),
    path("admin/", admin.site.urls),
    path("", include("apps.api.urls")),
    *media_urls(),
    path("robots.txt", robots),
    path("favicon.ico", icon, {"name": "favicon.ico"}),
    path("apple-touch-icon.png", icon, {"name": "apple-touch-icon.png"}),
    path("sitemap.xml", sitemap_index, name="sitemap_index"),
    path("sitemap-<section>.xml", sitemap, name="sitemap"),
    *translated(
        *([path("", include("apps.demo.urls"))] if settings.DEMO else []),
        path("", include("apps.storefront.urls")),
        path(_("compte/"), include("apps.storefront.account_urls")),
    ),
]

handler400 = "webmarket.errors.bad_request"
handler403 = "webmarket.errors.forbidden"
handler404 = "webmarket.errors.not_found"
handler500 = "webmarket.errors.server_error"

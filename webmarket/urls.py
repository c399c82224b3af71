from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from django.utils.translation import gettext_lazy as _

urlpatterns = [
    path("admin/", admin.site.urls),
    *i18n_patterns(
        path("", include("apps.storefront.urls")),
        path(_("compte/"), include("apps.storefront.account_urls")),
        prefix_default_language=False,
    ),
]

handler400 = "apps.storefront.views.errors.bad_request"

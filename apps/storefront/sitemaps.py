"""Sitemaps: one section for each kind of page and language, paginated, under one index."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import override

from apps.catalogue.models import Category, Product
from apps.common.translation import LANGUAGES


class _InLanguage(Sitemap):
    limit = 5000

    def __init__(self, language: str) -> None:
        self.language = language

    def get_protocol(self, protocol=None) -> str:
        """Of SITE_URL: a request may come by another host or port."""
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site=None) -> str:
        return urlsplit(settings.SITE_URL).netloc

    def location(self, item) -> str:
        with override(self.language):
            return self.page_url(item)


class PageSitemap(_InLanguage):
    def items(self):
        return ["home", "contact", "delivery_and_returns", "terms", "privacy", "legal_notice", "reviews_policy"]

    def page_url(self, item) -> str:
        return reverse(f"storefront:{item}")


class CategorySitemap(_InLanguage):
    def items(self):
        return Category.objects.filter(is_visible=True).order_by("path")

    def page_url(self, item) -> str:
        return reverse("storefront:category", args=[item.slug])


class ProductSitemap(_InLanguage):
    def items(self):
        return Product.objects.visible().only("slug_fr", "slug_en", "updated_at").order_by("pk")

    def lastmod(self, item):
        return item.updated_at

    def get_latest_lastmod(self):
        return Product.objects.visible().aggregate(latest=Max("updated_at"))["latest"]

    def page_url(self, item) -> str:
        return reverse("storefront:product", args=[item.slug])


SITEMAPS = {
    f"{name}-{language}": sitemap(language)
    for name, sitemap in (("pages", PageSitemap), ("rayons", CategorySitemap), ("produits", ProductSitemap))
    for language in LANGUAGES
}

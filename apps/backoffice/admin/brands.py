from django.contrib import admin
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from apps.backoffice.admin.base import InvalidatesPages, ProposesSlugs
from apps.catalogue.models import Brand, EconomicOperator, Product
from apps.catalogue.services.listing import refresh_brand


@admin.register(Brand)
class BrandAdmin(ProposesSlugs, InvalidatesPages):
    list_display = ["name", "product_count"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}

    def get_queryset(self, request):
        own = Product.objects.filter(brand=OuterRef("pk")).order_by().values("brand")
        counted = Subquery(own.annotate(count=Count("pk")).values("count"))
        return super().get_queryset(request).annotate(product_count=Coalesce(counted, 0))

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change:
            refresh_brand(brand_id=obj.pk)

    @admin.display(description=_("produits"), ordering="product_count")
    def product_count(self, brand) -> int:
        return brand.product_count


@admin.register(EconomicOperator)
class EconomicOperatorAdmin(InvalidatesPages):
    list_display = ["name", "postal_address", "electronic_address"]
    search_fields = ["name"]

from django.contrib import admin
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from apps.backoffice.admin.announced import AnnouncedAdmin
from apps.backoffice.admin.slugs import ProposesSlugs
from apps.catalogue.models import Attribute, AttributeValue, Brand, EconomicOperator, Product
from apps.catalogue.services.listing import products_with_attribute, refresh_brand, refresh_listing


class AttributeValueInline(TabularInline):
    model = AttributeValue
    extra = 0
    fields = ["label_fr", "label_en", "slug", "number"]
    prepopulated_fields = {"slug": ["label_fr"]}


@admin.register(Attribute)
class AttributeAdmin(ProposesSlugs, AnnouncedAdmin):
    list_display = ["name_fr", "code", "kind", "unit", "is_facet", "position"]
    list_editable = ["is_facet", "position"]
    search_fields = ["name_fr", "name_en", "code"]
    prepopulated_fields = {"code": ["name_fr"]}
    inlines = [AttributeValueInline]

    def save_related(self, request, form, formsets, change):
        """Its name and its values are searched and counted; also of products that lose a value here."""
        before = products_with_attribute([form.instance.pk])
        super().save_related(request, form, formsets, change)
        refresh_listing(product_ids=before)

    def delete_model(self, request, obj):
        before = products_with_attribute([obj.pk])
        super().delete_model(request, obj)
        refresh_listing(product_ids=before)

    def delete_queryset(self, request, queryset):
        before = products_with_attribute(queryset.values_list("pk", flat=True))
        super().delete_queryset(request, queryset)
        refresh_listing(product_ids=before)


@admin.register(AttributeValue)
class AttributeValueAdmin(ModelAdmin):
    """Registered so that products can look values up as one types; values are edited on their attribute."""

    list_display = ["label_fr", "attribute"]
    list_select_related = ["attribute"]
    search_fields = ["label_fr", "label_en", "attribute__name_fr"]
    ordering = ["attribute", "label_fr"]

    def has_module_permission(self, request):
        return False


@admin.register(Brand)
class BrandAdmin(ProposesSlugs, AnnouncedAdmin):
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
class EconomicOperatorAdmin(AnnouncedAdmin):
    list_display = ["name", "postal_address", "electronic_address"]
    search_fields = ["name"]

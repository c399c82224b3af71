from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from apps.backoffice.admin.base import InvalidatesPages, ProposesSlugs
from apps.catalogue.models import Attribute, AttributeValue
from apps.catalogue.services.listing import products_with_attribute, refresh_listing


class AttributeValueInline(TabularInline):
    model = AttributeValue
    extra = 0
    fields = ["label_fr", "label_en", "slug", "number"]
    prepopulated_fields = {"slug": ["label_fr"]}


@admin.register(Attribute)
class AttributeAdmin(ProposesSlugs, InvalidatesPages):
    list_display = ["name_fr", "code", "kind", "unit", "is_facet", "position"]
    list_editable = ["is_facet", "position"]
    search_fields = ["name_fr", "name_en", "code"]
    prepopulated_fields = {"code": ["name_fr"]}
    inlines = [AttributeValueInline]

    def save_related(self, request, form, formsets, change):
        """Refreshes the products that had the attribute before: those that lose a value here are recounted as well."""
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
    """Registered for the autocomplete field of products; values are edited on their attribute."""

    list_display = ["label_fr", "attribute"]
    list_select_related = ["attribute"]
    search_fields = ["label_fr", "label_en", "attribute__name_fr"]
    ordering = ["attribute", "label_fr"]

    def has_module_permission(self, request):
        return False

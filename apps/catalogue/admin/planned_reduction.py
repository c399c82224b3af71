from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from apps.catalogue.models import PlannedReduction


@admin.register(PlannedReduction)
class PlannedReductionAdmin(ModelAdmin):
    """Planned by hand, begun and ended by the clock; one that has begun is ended on the product's own page."""

    list_display = ["variant", "product_name", "amount", "starts_at", "ends_at", "state", "refusal"]
    list_filter = ["state"]
    list_select_related = ["variant__product"]
    search_fields = ["variant__sku", "variant__product__name_fr"]
    raw_id_fields = ["variant"]
    fields = ["variant", "amount", ("starts_at", "ends_at")]
    show_full_result_count = False

    @admin.display(description=_("produit"))
    def product_name(self, planned) -> str:
        return planned.variant.product.name

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (
            obj is None or obj.state == PlannedReduction.State.PLANNED
        )

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (
            obj is None or obj.state == PlannedReduction.State.PLANNED
        )

    def save_model(self, request, obj, form, change):
        obj.author = request.user
        super().save_model(request, obj, form, change)

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from apps.backoffice.admin.base import InvalidatesPages
from apps.common.typed import TypedModelForm
from apps.delivery.models import DeliveryMethod, PickupPoint, WeightBracket


class WeightBracketInline(TabularInline):
    model = WeightBracket
    extra = 0


@admin.register(DeliveryMethod)
class DeliveryMethodAdmin(InvalidatesPages):
    """Invalidates pages: product pages display delivery prices."""

    list_display = ["name_fr", "kind", "free_from", "min_days", "max_days", "is_active", "position"]
    list_editable = ["is_active", "position"]
    inlines = [WeightBracketInline]


@admin.register(PickupPoint)
class PickupPointAdmin(ModelAdmin):
    form = TypedModelForm
    list_display = ["name", "postcode", "city", "method", "is_active"]
    list_select_related = ["method"]
    list_filter = ["method", "is_active"]
    search_fields = ["name", "postcode", "city"]

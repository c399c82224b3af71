"""Read-only screens of the price and stock ledgers, to which services append."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.backoffice.admin.base import ReadOnlyAdmin
from apps.catalogue.models import PriceEntry, StockHold, StockMovement


@admin.register(PriceEntry)
class PriceEntryAdmin(ReadOnlyAdmin):
    list_display = ["variant", "amount", "kind", "effective_at", "author", "reason"]
    list_select_related = ["variant", "author"]
    list_filter = ["kind"]
    search_fields = ["variant__sku"]
    ordering = ["-effective_at"]
    show_full_result_count = False


@admin.register(StockMovement)
class StockMovementAdmin(ReadOnlyAdmin):
    list_display = ["stock_sku", "delta", "on_hand_after", "reason", "note", "reference", "author", "created_at"]
    list_select_related = ["stock__variant", "author"]
    list_filter = ["reason"]
    search_fields = ["stock__variant__sku", "reference"]
    show_full_result_count = False

    @admin.display(description=_("référence"), ordering="stock__variant__sku")
    def stock_sku(self, movement) -> str:
        return movement.stock.variant.sku


@admin.register(StockHold)
class StockHoldAdmin(ReadOnlyAdmin):
    list_display = ["reference", "stock_sku", "quantity", "created_at"]
    list_select_related = ["stock__variant"]
    search_fields = ["reference", "stock__variant__sku"]

    @admin.display(description=_("référence"), ordering="stock__variant__sku")
    def stock_sku(self, hold) -> str:
        return hold.stock.variant.sku

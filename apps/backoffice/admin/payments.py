from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from apps.payments.models import Payment, Refund, WebhookEvent


class RefundInline(TabularInline):
    model = Refund
    extra = 0
    max_num = 0
    can_delete = False
    fields = ["created_at", "amount", "status", "reason", "reference"]

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(Payment)
class PaymentAdmin(ModelAdmin):
    """Payments move by what their provider says; refunds are asked for on the order."""

    list_display = ["order", "gateway", "amount", "refunded", "status", "captured_at", "created_at"]
    list_select_related = ["order"]
    list_filter = ["gateway", "status"]
    search_fields = ["order__number", "reference"]
    show_full_result_count = False
    inlines = [RefundInline]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(WebhookEvent)
class WebhookEventAdmin(PaymentAdmin):
    list_display = ["gateway", "event_id", "received_at", "processed_at"]
    list_select_related = []
    list_filter = ["gateway"]
    search_fields = ["event_id"]
    inlines = []

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from apps.backoffice.admin.base import ReadOnlyAdmin
from apps.payments import gateways
from apps.payments.models import Payment, Refund, WebhookEvent


class RefundInline(TabularInline):
    model = Refund
    extra = 0
    max_num = 0
    can_delete = False
    fields = ["created_at", "amount", "status", "sent_back_at", "remade_at", "reason", "reference"]

    def has_change_permission(self, request, obj=None):
        return False


def gateway_label(code: str) -> str:
    """The gateway's label; the code of one that is no longer installed."""
    gateway = gateways.get(code)
    return str(gateway.name) if gateway else code


class GatewayFilter(admin.AllValuesFieldListFilter):
    """By the label of a gateway."""

    def choices(self, changelist):
        codes = {str(value) for value in self.lookup_choices}
        for choice in super().choices(changelist):
            label = str(choice["display"])
            yield {**choice, "display": gateway_label(label) if label in codes else label}


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    """Read-only: gateways change payments; refunds are requested on the order."""

    list_display = ["order", "gateway_name", "amount", "refunded", "status", "captured_at", "created_at"]
    list_select_related = ["order"]
    list_filter = [("gateway", GatewayFilter), "status"]
    search_fields = ["order__number", "reference"]
    show_full_result_count = False
    inlines = [RefundInline]

    @admin.display(description=_("moyen de paiement"), ordering="gateway")
    def gateway_name(self, payment) -> str:
        return gateway_label(payment.gateway)


@admin.register(WebhookEvent)
class WebhookEventAdmin(PaymentAdmin):
    list_display = ["gateway_name", "event_id", "received_at", "processed_at"]
    list_select_related = []
    list_filter = [("gateway", GatewayFilter)]
    search_fields = ["event_id"]
    inlines = []

from django.contrib import admin
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from apps.backoffice.admin.base import ReadOnlyAdmin
from apps.payments import gateways
from apps.payments.models import Dispute, DisputeMovement, Payment, Payout, PayoutLine, Refund, WebhookEvent
from apps.payments.services import state_of_payouts


class ReadOnlyRows(TabularInline):
    extra = 0
    max_num = 0
    can_delete = False

    def has_change_permission(self, request, obj=None):
        return False


class RefundInline(ReadOnlyRows):
    model = Refund
    fields = ["created_at", "amount", "status", "sent_back_at", "remade_at", "reason", "reference", "is_from_provider"]


class DisputeInline(ReadOnlyRows):
    model = Dispute
    fields = ["opened_at", "amount", "status", "withdrawn", "answer_by", "reason", "reference"]


class DisputeMovementInline(ReadOnlyRows):
    model = DisputeMovement
    fields = ["happened_at", "amount", "fee", "reference"]


class PayoutLineInline(ReadOnlyRows):
    """Hundreds of them: a page at a time."""

    model = PayoutLine
    per_page = 50
    fields = readonly_fields = [
        "happened_at",
        "kind",
        "amount",
        "fee",
        "net",
        "match",
        "order",
        "source",
        "description",
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("payment__order")

    @admin.display(description=_("commande"))
    def order(self, line) -> str:
        return line.payment.order.number if line.payment else "—"


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

    list_display = ["order", "gateway_name", "amount", "refunded", "disputed", "status", "captured_at", "created_at"]
    list_select_related = ["order"]
    list_filter = [("gateway", GatewayFilter), "status"]
    search_fields = ["order__number", "reference"]
    show_full_result_count = False
    inlines = [RefundInline, DisputeInline]

    @admin.display(description=_("moyen de paiement"), ordering="gateway")
    def gateway_name(self, payment) -> str:
        return gateway_label(payment.gateway)


class ToAnswerFilter(admin.SimpleListFilter):
    title = _("réponse")
    parameter_name = "to_answer"

    def lookups(self, request, model_admin):
        return [("1", _("à donner"))]

    def queryset(self, request, queryset):
        return queryset.to_answer().order_by("answer_by", "pk") if self.value() else queryset


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    """Answered in the provider's dashboard; what it decides is recorded here."""

    change_form_outer_before_template = "backoffice/dispute_desk.html"
    list_display = ["order", "opened_at", "amount", "status", "answer_day", "withdrawn", "reason"]
    list_select_related = ["payment__order"]
    list_filter = [ToAnswerFilter, "status"]
    search_fields = ["payment__order__number", "reference"]
    show_full_result_count = False
    list_per_page = 50
    inlines = [DisputeMovementInline]
    fieldsets = [
        (None, {"fields": [("order", "payment"), ("status", "is_inquiry"), ("reason", "reference")]}),
        (_("Montants"), {"fields": [("amount", "withdrawn")]}),
        (_("Suivi"), {"fields": [("opened_at", "answer_by"), ("closed_at", "lost_at"), "reminded_at"]}),
    ]

    def get_readonly_fields(self, request, obj=None):
        return [*(field.name for field in Dispute._meta.fields), "order"]

    @admin.display(description=_("commande"), ordering="payment__order")
    def order(self, dispute) -> str:
        return dispute.payment.order.number

    @admin.display(description=_("répondre avant le"), ordering="answer_by")
    def answer_day(self, dispute):
        return dispute.answer_by if dispute.needs_response else None

    def history_view(self, request, object_id, extra_context=None):
        """What happened to a dispute stands in its order's history."""
        dispute = get_object_or_404(self.get_queryset(request).select_related("payment"), pk=object_id)
        return redirect(f"{reverse('admin:orders_order_change', args=[dispute.payment.order_id])}#events")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        extra = {"dispute": self.get_object(request, object_id)}
        return super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})


@admin.register(Payout)
class PayoutAdmin(ReadOnlyAdmin):
    """What providers have paid out, and above the list what of it is not explained."""

    list_before_template = "backoffice/payouts.html"
    list_display = ["arrival_date", "gateway_name", "amount", "fees", "status", "itemised_at", "reference"]
    list_filter = [("gateway", GatewayFilter), "status"]
    search_fields = ["reference", "lines__source", "lines__payment__order__number"]
    show_full_result_count = False
    list_per_page = 50
    inlines = [PayoutLineInline]
    fieldsets = [
        (None, {"fields": [("gateway_name", "reference"), ("status", "arrival_date"), ("amount", "fees")]}),
        (_("Suivi"), {"fields": [("initiated_at", "paid_at"), ("itemised_at", "failed_at")]}),
    ]

    def get_readonly_fields(self, request, obj=None):
        return [*(field.name for field in Payout._meta.fields), "gateway_name"]

    def changelist_view(self, request, extra_context=None):
        found = state_of_payouts(now=timezone.now())
        return super().changelist_view(request, {"found": found, **(extra_context or {})})

    @admin.display(description=_("moyen de paiement"), ordering="gateway")
    def gateway_name(self, payout) -> str:
        return gateway_label(payout.gateway)


@admin.register(WebhookEvent)
class WebhookEventAdmin(PaymentAdmin):
    list_display = ["gateway_name", "event_id", "received_at", "processed_at"]
    list_select_related = []
    list_filter = [("gateway", GatewayFilter)]
    search_fields = ["event_id"]
    inlines = []

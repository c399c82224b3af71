from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from apps.aftersales.models import Withdrawal, WithdrawalLine
from apps.backoffice.admin.base import ReadOnlyAdmin
from apps.backoffice.withdrawal_desk import CHANGE, VERBS, offered_verbs
from apps.common.errors import DomainError
from apps.common.money import format_euros


class WithdrawalLineInline(TabularInline):
    model = WithdrawalLine
    extra = 0
    max_num = 0
    can_delete = False
    fields = readonly_fields = ["order_line", "quantity"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("order_line")

    def has_change_permission(self, request, obj=None):
        return False


class OpenFilter(admin.SimpleListFilter):
    title = _("remboursement")
    parameter_name = "open"

    def lookups(self, request, model_admin):
        return [("1", _("encore dû"))]

    def queryset(self, request, queryset):
        return queryset.unsettled().order_by("refund_due_at", "pk") if self.value() else queryset


@admin.register(Withdrawal)
class WithdrawalAdmin(ReadOnlyAdmin):
    """What customers declared is not edited; its refund moves by the verbs of withdrawal_desk."""

    change_form_outer_before_template = "backoffice/withdrawal_desk.html"
    list_display = ["order", "name", "declared_at", "status", "due", "amount"]
    list_select_related = ["order"]
    list_filter = [OpenFilter, "status"]
    search_fields = ["order__number", "name", "email"]
    show_full_result_count = False
    list_per_page = 50
    inlines = [WithdrawalLineInline]
    fieldsets = [
        (None, {"fields": [("order", "status"), ("declared_at", "refund_due_at"), ("name", "email"), "language"]}),
        (_("Montants"), {"fields": [("items_total", "delivery_total", "amount")]}),
        (
            _("Suivi"),
            {"fields": [("proof_received_at", "goods_received_at"), ("reminded_at", "settled_at")]},
        ),
    ]

    def get_readonly_fields(self, request, obj=None):
        return [*(field.name for field in Withdrawal._meta.fields), "amount"]

    @admin.display(description=_("à rembourser avant le"), ordering="refund_due_at")
    def due(self, withdrawal):
        return None if withdrawal.is_settled else withdrawal.refund_due_at

    @admin.display(description=_("à rembourser"))
    def amount(self, withdrawal) -> str:
        return format_euros(withdrawal.refund_total)

    def get_urls(self):
        desk = self.admin_site.admin_view(self.verb_view)
        return [path("<int:pk>/desk/<slug:verb>/", desk, name="aftersales_withdrawal_verb"), *super().get_urls()]

    def history_view(self, request, object_id, extra_context=None):
        """What happened to a withdrawal stands in its order's history."""
        withdrawal = get_object_or_404(self.get_queryset(request), pk=object_id)
        return redirect(f"{reverse('admin:orders_order_change', args=[withdrawal.order_id])}#events")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        withdrawal = self.get_object(request, object_id)
        extra = {"withdrawal": withdrawal}
        if withdrawal:
            extra |= {
                "verbs": offered_verbs(withdrawal, request.user),
                "may_refund": request.user.has_perm("payments.add_refund") and not withdrawal.is_settled,
                "amount": format_euros(withdrawal.refund_total),
            }
        return super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})

    def verb_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """One verb on one withdrawal: asks to confirm it, then calls the service once and shows what it said."""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        withdrawal = get_object_or_404(self.get_queryset(request).select_related("order"), pk=pk)
        chosen = VERBS.get(verb)
        if chosen is None:
            raise Http404
        back = reverse("admin:aftersales_withdrawal_change", args=[pk])
        if request.method == "POST":
            try:
                chosen.run(withdrawal=withdrawal, by=request.user, now=timezone.now())
            except DomainError as error:
                messages.error(request, error.message)
            else:
                messages.success(request, chosen.done % {"number": withdrawal.order.number})
            return redirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": chosen.label,
            "subtitle": withdrawal.order.number,
            "opts": self.opts,
            "withdrawal": withdrawal,
            "amount": format_euros(withdrawal.refund_total),
            "verb": chosen,
            "back_url": back,
        }
        return TemplateResponse(request, "backoffice/withdrawal_verb.html", context)

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.checks import InlineModelAdminChecks
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from import_export.admin import ExportActionModelAdmin
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.import_export.forms import ExportForm
from unfold.forms import PaginationFormSetMixin

from apps.backoffice.admin.emails import kind_label
from apps.backoffice.admin.order_filters import DeliveryKindFilter, PaidFilter, PeriodFilter
from apps.backoffice.admin.payments import GatewayFilter, gateway_label
from apps.backoffice.order_desk import VERBS, offered_verbs
from apps.common.errors import DomainError
from apps.common.models import OutboxEmail
from apps.common.spreadsheets import SafeResource
from apps.invoicing.models import Document
from apps.orders.emails import emails_about
from apps.orders.models import Order, OrderEvent, OrderLine
from apps.orders.services import MOST_FOUND, find_ids, prepare_order
from apps.payments.models import Dispute, Payment


class ReadOnlyInline(TabularInline):
    extra = 0
    max_num = 0
    can_delete = False

    def has_change_permission(self, request, obj=None):
        return False


class OrderLineInline(ReadOnlyInline):
    model = OrderLine
    fields = ["product_name", "variant_label", "sku", "quantity", "unit_price", "vat_rate", "total"]


class PaymentInline(ReadOnlyInline):
    model = Payment
    tab = True
    fields = readonly_fields = [
        *("gateway_name", "status", "amount", "refunded", "disputed", "captured_at", "reference", "decline_reason"),
    ]

    @admin.display(description=_("moyen de paiement"))
    def gateway_name(self, payment) -> str:
        return gateway_label(payment.gateway)


class OrderEventInline(ReadOnlyInline):
    model = OrderEvent
    tab = True
    fields = ["created_at", "from_status", "to_status", "actor", "note"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("actor")


class EmailsAboutOrder(PaginationFormSetMixin, forms.BaseModelFormSet):
    """The outbox refers to an order by kind and number: it has no foreign key for an inline to follow."""

    def __init__(self, *, instance, queryset, save_as_new=False, **kwargs):
        super().__init__(queryset=emails_about(instance).order_by("pk"), **kwargs)

    @classmethod
    def get_default_prefix(cls):
        return "emails"


class WithoutForeignKeyChecks(InlineModelAdminChecks):
    def _check_exclude_of_parent_model(self, obj, parent_model):
        return []

    def _check_relation(self, obj, parent_model):
        return []


class OrderEmailInline(ReadOnlyInline):
    model = OutboxEmail
    tab = True
    # A row's name is its key, for programs.
    hide_title = True
    checks_class = WithoutForeignKeyChecks
    fields = readonly_fields = ["message", "status", "attempts", "created_at", "sent_at"]

    def get_formset(self, request, obj=None, **kwargs):
        return forms.modelformset_factory(OutboxEmail, fields=[], formset=EmailsAboutOrder, extra=0, max_num=0)

    @admin.display(description=_("message"))
    def message(self, email) -> str:
        return kind_label(email.kind)


def _documents(order: Order, user) -> list[Document]:
    """Its invoice and credit notes, for whoever may see them. One query."""
    if not user.has_perm("invoicing.view_document"):
        return []
    return list(Document.objects.of_order(order).select_related("file"))


def _disputes(order: Order, user) -> list[Dispute]:
    """Those of its payments, for whoever may see them. One query."""
    if not user.has_perm("payments.view_dispute"):
        return []
    return list(Dispute.objects.filter(payment__order=order).order_by("pk"))


class OrderResource(SafeResource):
    class Meta:
        model = Order
        fields = [
            "number",
            "status",
            "placed_at",
            "paid_at",
            "recipient",
            "email",
            "postcode",
            "city",
            "country",
            "delivery_name",
            "payment_method",
            "items_total",
            "delivery_total",
            "total",
            "vat_total",
        ]


@admin.register(Order)
class OrderAdmin(ExportActionModelAdmin, ModelAdmin):
    """An order is a contract: read-only; its status changes by the verbs of the order desk."""

    resource_classes = [OrderResource]
    export_form_class = ExportForm
    change_form_outer_before_template = "backoffice/order_desk.html"
    list_display = ["number", "placed_at", "recipient", "total", "status", "delivery_name", "payment_name", "paid_at"]
    list_filter = [
        "status",
        PeriodFilter,
        PaidFilter,
        ("delivery_kind", DeliveryKindFilter),
        ("payment_method", GatewayFilter),
    ]
    # Django displays its search box; `get_search_results` finds.
    search_fields = ["number"]
    search_help_text = _("Numéro, nom, e-mail, téléphone, produit, référence, montant ou suivi.")
    show_full_result_count = False
    list_per_page = 50
    actions = ["prepare_selected"]
    inlines = [OrderLineInline, PaymentInline, OrderEventInline, OrderEmailInline]
    fieldsets = [
        (
            None,
            {"fields": [("number", "status"), ("placed_at", "paid_at", "shipped_at"), ("language", "hold_expires_at")]},
        ),
        (
            _("Client et livraison"),
            {
                "fields": [
                    ("email", "phone"),
                    ("recipient", "company"),
                    ("line1", "line2"),
                    ("postcode", "city", "country"),
                    ("delivery_name", "pickup_point", "collection_hours"),
                    ("tracking_number", "tracking_url"),
                ]
            },
        ),
        (_("Montants"), {"fields": [("items_total", "delivery_total"), ("total", "vat_total"), "payment_name"]}),
        (_("Conditions de vente"), {"fields": [("terms_version", "terms_accepted_at")]}),
    ]

    def get_search_results(self, request, queryset, search_term):
        """By what an order holds, its products too; of more than a thousand the newest."""
        if not search_term.strip():
            return queryset, False
        found = find_ids(search_term)
        if len(found) == MOST_FOUND:
            messages.info(request, _("Les mille commandes les plus récentes qui correspondent. Précisez la recherche."))
        return queryset.filter(pk__in=found), False

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_readonly_fields(self, request, obj=None):
        return [*(field.name for field in Order._meta.fields), "payment_name"]

    @admin.display(description=_("moyen de paiement"), ordering="payment_method")
    def payment_name(self, order) -> str:
        return gateway_label(order.payment_method)

    def get_urls(self):
        desk = self.admin_site.admin_view(self.verb_view)
        return [path("<int:pk>/desk/<slug:verb>/", desk, name="orders_order_verb"), *super().get_urls()]

    def history_view(self, request, object_id, extra_context=None):
        """An order's events have a page of their own."""
        return redirect(f"{reverse('admin:orders_order_change', args=[object_id])}#events")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        order = self.get_object(request, object_id)
        verbs = offered_verbs(order, request.user) if order else []
        may_see = order is not None and request.user.has_perm("aftersales.view_withdrawal")
        extra = {
            "verbs": verbs,
            "order": order,
            # So that nobody sends what its customer has withdrawn from.
            "withdrawals": list(order.withdrawals.all()) if may_see else [],
            "documents": _documents(order, request.user) if order else [],
            "disputes": _disputes(order, request.user) if order else [],
            "show_save": False,
            "show_save_and_continue": False,
        }
        return super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})

    def verb_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """One verb on one order: displays its form, calls the service once and displays its message."""
        order = get_object_or_404(self.get_queryset(request), pk=pk)
        chosen = VERBS.get(verb)
        if chosen is None or not request.user.has_perm(chosen.permission):
            raise Http404
        form = chosen.form_for(order, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                chosen.run(order=order, by=request.user, now=timezone.now(), **form.cleaned_data)
            except DomainError as error:
                if not form.fields:
                    messages.error(request, error.message)
                    return redirect("admin:orders_order_change", pk)
                form.add_error(None, error.message)
            else:
                messages.success(request, chosen.done % {"number": order.number})
                return redirect("admin:orders_order_change", pk)
        context = {
            **self.admin_site.each_context(request),
            "title": chosen.label,
            "subtitle": order.number,
            "opts": self.opts,
            "order": order,
            "verb": chosen,
            "form": form,
            "back_url": reverse("admin:orders_order_change", args=[pk]),
        }
        return TemplateResponse(request, "backoffice/order_verb.html", context, status=200 if not form.errors else 422)

    @admin.action(description=_("Mettre en préparation"), permissions=["change"])
    def prepare_selected(self, request, queryset):
        prepared = 0
        for order in queryset:
            try:
                prepare_order(order=order, by=request.user, now=timezone.now())
            except DomainError as error:
                messages.error(request, error.message)
            else:
                prepared += 1
        if prepared:
            text = ngettext("%(count)s commande en préparation.", "%(count)s commandes en préparation.", prepared)
            messages.success(request, text % {"count": prepared})

"""Customers and past orders of a former shop: their import, and the orders themselves, read-only."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget

from apps.backoffice.admin.base import ReadOnlyAdmin
from apps.backoffice.admin.people_columns import EncodingField, HistoryColumnsForm, columns_page
from apps.common.documents import document_response
from apps.common.errors import DomainError
from apps.common.money import ZERO, format_euros
from apps.common.typed import TypedModelForm
from apps.imports.models import HistoryImport
from apps.imports.retention import JOURNAL_RETENTION
from apps.imports.services import history_imports, history_undo
from apps.imports.tasks import apply_history, invite_customers, preview_history, undo_history
from apps.orders.models import PastOrder


class UploadForm(TypedModelForm):
    file = forms.FileField(
        label=_("Fichier"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.tsv,.txt,.gz,.zip,.xlsx,.ods,text/csv"}),
        help_text=_(
            "L’export des clients ou des commandes de Shopify, WooCommerce ou PrestaShop, ou une liste à vous : CSV, "
            "XLSX ou ODS, 50 Mo au plus. Rien n’est écrit avant votre confirmation."
        ),
    )
    encoding = EncodingField()

    class Meta:
        model = HistoryImport
        fields = ["file", "source"]
        widgets = {"source": UnfoldAdminTextInputWidget}

    def clean(self):
        """Reads the file's header at once, so that its errors are form errors."""
        cleaned = super().clean()
        file = self.cleaned_data.get("file")
        if file and not self.errors:
            try:
                self.received = history_imports.receive_history(
                    file=file,
                    source=self.cleaned_data.get("source", ""),
                    by=self.author,
                    now=timezone.now(),
                    encoding=self.cleaned_data.get("encoding", ""),
                )
            except DomainError as error:
                self.add_error("file", error.message)
        return cleaned

    def _post_clean(self):
        """The service has stored the file."""


@admin.register(HistoryImport)
class HistoryImportAdmin(ModelAdmin):
    """Upload a file, read the preview, confirm; undo for thirty days. A finished import is a record."""

    form = UploadForm
    list_before_template = "backoffice/history/about.html"
    list_display = ["name", "kind", "source", "status", "outcome", "created_by", "created_at"]
    list_filter = ["kind", "status"]
    list_select_related = ["created_by"]
    change_form_outer_before_template = "backoffice/history/import.html"
    show_full_result_count = False

    @admin.display(description=_("bilan"))
    def outcome(self, received) -> str:
        report = received.report
        if "created" not in report:
            return received.problem or "—"
        return _("%(created)s repris, %(repeated)s déjà là, %(rejected)s refusés") % {
            "created": report["created"],
            "repeated": report["repeated"],
            "rejected": report["rejected"],
        }

    def get_fields(self, request, obj=None):
        if obj is None:
            return ["file", "source", "encoding"]
        return [("name", "status"), ("kind", "source"), ("created_by", "created_at"), "finished_at"]

    def get_readonly_fields(self, request, obj=None):
        return [] if obj is None else [field.name for field in HistoryImport._meta.fields]

    def has_delete_permission(self, request, obj=None):
        return False

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.author = request.user
        return form

    def save_model(self, request, obj, form, change):
        if form.received.status == HistoryImport.Status.RECEIVED:
            preview_history.delay_on_commit(import_id=form.received.pk)
        obj.pk, obj.name = form.received.pk, form.received.name

    def response_add(self, request, obj, post_url_continue=None):
        if self.model.objects.filter(pk=obj.pk, status=HistoryImport.Status.COLUMNS).exists():
            return redirect("admin:history_import_columns", obj.pk)
        messages.info(request, _("Fichier reçu. L’aperçu dit ce qu’il apporterait ; rien n’est encore écrit."))
        return self._back(obj.pk)

    def get_urls(self):
        def at(route: str, view: Callable[..., HttpResponseBase], name: str, *, writes: bool = True) -> Any:
            action = "change" if writes else "view"
            return path(f"<int:pk>/{route}/", self._guarded(view, action), name=f"history_import_{name}")

        return [
            path("<int:pk>/colonnes/", self.admin_site.admin_view(self.columns_view), name="history_import_columns"),
            at("confirmer", self.confirm_view, "confirm"),
            at("annuler", self.undo_view, "undo"),
            at("inviter", self.invite_view, "invite"),
            at("refus", self.rejects_view, "rejects", writes=False),
            *super().get_urls(),
        ]

    def _guarded(self, view: Callable[..., HttpResponseBase], action: str) -> Callable[..., HttpResponseBase]:
        def checked(request: HttpRequest, pk: int) -> HttpResponseBase:
            if not request.user.has_perm(f"imports.{action}_historyimport"):
                raise PermissionDenied
            return view(request, get_object_or_404(HistoryImport, pk=pk))

        return self.admin_site.admin_view(require_POST(checked) if action == "change" else require_GET(checked))

    def _back(self, pk: int) -> HttpResponse:
        return redirect("admin:imports_historyimport_change", pk)

    def columns_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What its columns are, as long as nothing is confirmed; a choice that is not valid yet is shown again."""
        if not request.user.has_perm("imports.change_historyimport"):
            raise PermissionDenied
        received = get_object_or_404(HistoryImport, pk=pk)
        is_open = received.status in (HistoryImport.Status.COLUMNS, HistoryImport.Status.PREVIEWED)
        if not is_open or not received.file:
            messages.error(request, _("Les colonnes de cet import ne changent plus."))
            return self._back(pk)
        surveyed, begin, offered = history_imports.survey_history(received)
        form = HistoryColumnsForm(surveyed, begin, offered=offered, data=request.POST or None)
        if request.method != "POST" or "again" in request.POST or not form.is_valid():
            return columns_page(self, request, received, form)
        try:
            history_imports.choose_columns(received=received, choice=form.choice, now=timezone.now())
        except DomainError as error:
            messages.error(request, error.message)
        else:
            preview_history.delay_on_commit(import_id=pk)
        return self._back(pk)

    def confirm_view(self, request: HttpRequest, received: HistoryImport) -> HttpResponse:
        try:
            history_imports.confirm_history(received=received, now=timezone.now())
        except DomainError as error:
            messages.error(request, error.message)
        else:
            apply_history.delay_on_commit(import_id=received.pk)
        return self._back(received.pk)

    def undo_view(self, request: HttpRequest, received: HistoryImport) -> HttpResponse:
        try:
            history_undo.start_undo(received=received, now=timezone.now())
        except DomainError as error:
            messages.error(request, error.message)
        else:
            undo_history.delay_on_commit(import_id=received.pk)
        return self._back(received.pk)

    def invite_view(self, request: HttpRequest, received: HistoryImport) -> HttpResponse:
        if request.POST.get("sure") == "on":
            invite_customers.delay_on_commit(import_id=received.pk)
            messages.success(request, _("Les invitations partent. Personne n’est invité deux fois."))
        else:
            messages.error(request, _("Cochez la case pour confirmer que ces e-mails doivent partir."))
        return self._back(received.pk)

    def rejects_view(self, request: HttpRequest, received: HistoryImport) -> HttpResponseBase:
        if not received.rejects:
            raise Http404
        filename = f"{received.name.rpartition('.')[0] or received.name}.rejets.csv"
        return document_response(received.rejects, filename=filename, content_type="text/csv")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        received = self.get_object(request, object_id)
        buttons = {"show_save": False, "show_save_and_continue": False, "show_save_and_add_another": False}
        extra = {"received": received, **buttons, **(_context(received) if received else {}), **(extra_context or {})}
        response = super().change_view(request, object_id, form_url, extra)
        if received and received.status in history_imports.RUNNING:
            # Reloads while the task runs: progress without JavaScript.
            response["Refresh"] = "3"
        return response


_SAMPLE_TITLES = {
    HistoryImport.Kind.ORDERS: [_("Numéro"), _("Date"), _("Client"), _("État"), _("Total TTC"), _("Produits")],
    HistoryImport.Kind.CUSTOMERS: [_("Adresse e-mail"), _("Nom"), _("Téléphone"), _("Adresse")],
}


def _context(received: HistoryImport) -> dict[str, Any]:
    report = received.report
    status = HistoryImport.Status
    is_done = received.status in (status.DONE, status.UNDOING)
    is_open = received.status == HistoryImport.Status.PREVIEWED and bool(received.file)
    figures = []
    if received.status == status.UNDONE:
        figures = [(_("annulés"), report.get("undone", 0)), (_("laissés"), report.get("left", 0))]
    elif "created" in report:
        figures = [
            (_("repris") if is_done else _("à reprendre"), report["created"]),
            (_("déjà là"), report["repeated"]),
            (_("lignes refusées"), report["rejected"]),
        ]
        if received.kind == HistoryImport.Kind.ORDERS:
            figures.append((_("payé, TTC"), format_euros(Decimal(report["total"]))))
    return {
        "report": report,
        "figures": figures,
        "is_done": is_done,
        "is_running": received.status in history_imports.RUNNING,
        "can_confirm": is_open and bool(report.get("created")),
        "can_choose": is_open,
        "to_invite": history_imports.uninvited(received).count() if received.status == HistoryImport.Status.DONE else 0,
        "can_undo": history_undo.can_undo(received, now=timezone.now()),
        "undo_until": received.finished_at and received.finished_at + JOURNAL_RETENTION,
        "states": [(PastOrder.State(state).label, count) for state, count in report.get("states", {}).items()],
        "first_at": _moment(report.get("first_at")),
        "last_at": _moment(report.get("last_at")),
        "sample_titles": _SAMPLE_TITLES.get(received.kind, []),
        "samples": [_sample(received.kind, sample) for sample in report.get("samples", [])],
    }


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


def _sample(kind: str, cells: list[str]) -> list[str]:
    if kind != HistoryImport.Kind.ORDERS:
        return cells
    number, date, who, state, total, what = cells
    placed_on = date_format(datetime.fromisoformat(date), "j F Y")
    return [number, placed_on, who, state, format_euros(Decimal(total)), what]


@admin.register(PastOrder)
class PastOrderAdmin(ReadOnlyAdmin):
    """Orders of a former shop. They count in no figure of this shop; their own stand above the list."""

    list_before_template = "backoffice/history/figures.html"
    list_display = ["number", "source", "placed_at", "email", "name", "state", "total", "refunded"]
    list_filter = ["source", "state"]
    search_fields = ["number", "email", "name"]
    date_hierarchy = "placed_at"
    show_full_result_count = False
    fields = [
        ("number", "source"),
        ("placed_at", "created_at"),
        ("state", "status_text"),
        ("email", "name", "phone"),
        "delivered_to",
        "payment_text",
        "what",
        ("total", "delivery_total", "refunded"),
    ]

    def get_readonly_fields(self, request, obj=None):
        return [*(field.name for field in PastOrder._meta.fields), "what"]

    @admin.display(description=_("lignes"))
    def what(self, order: PastOrder) -> str:
        return " ; ".join(line_sentences(order)) or "—"

    def changelist_view(self, request, extra_context=None):
        rows = PastOrder.objects.sold().order_by()
        sums = rows.aggregate(count=Count("pk"), total=Sum("total"), refunded=Sum("refunded"))
        total = (sums["total"] or ZERO) - (sums["refunded"] or ZERO)
        context = {"past_count": sums["count"], "past_total": total, **(extra_context or {})}
        return super().changelist_view(request, context)


def line_sentences(order: PastOrder) -> list[str]:
    """« 2 × Miel (M1), 9,80 € », for each line."""
    return [
        f"{line['quantity']} × {line['name'] or line['sku']}"
        + (f" ({line['sku']})" if line["sku"] and line["name"] else "")
        + (f", {format_euros(Decimal(line['price']))}" if line["price"] else "")
        for line in order.lines
    ]

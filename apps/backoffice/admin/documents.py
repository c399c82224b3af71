"""Invoices, credit notes, closings: read-only, with their PDF and the books of each month."""

from collections.abc import Iterator
from datetime import date

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from apps.backoffice.admin.base import ReadOnlyAdmin
from apps.common.documents import document_response
from apps.common.formats import percent
from apps.common.money import ZERO
from apps.invoicing import books, cash_book
from apps.invoicing.models import Closing, Document, DocumentVat


class DocumentVatInline(TabularInline):
    model = DocumentVat
    extra = 0
    max_num = 0
    can_delete = False
    fields = readonly_fields = ["rate", "net", "vat", "gross"]

    def has_change_permission(self, request, obj=None):
        return False


class MonthForm(forms.Form):
    """The month of the books: its first day."""

    month = forms.DateField(input_formats=["%Y-%m"])


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    change_form_outer_before_template = "backoffice/document_desk.html"
    list_before_template = "backoffice/documents.html"
    list_display = ["number", "kind", "issue_date", "order", "net", "vat", "gross"]
    list_select_related = ["order"]
    list_filter = ["kind", "year"]
    search_fields = ["number", "order__number"]
    show_full_result_count = False
    list_per_page = 50
    inlines = [DocumentVatInline]
    fieldsets = [
        (None, {"fields": [("number", "kind"), ("issue_date", "issued_at"), ("order", "corrects"), "language"]}),
        (_("Montants"), {"fields": [("net", "vat", "gross")]}),
        (_("Chaîne"), {"fields": ["position", "hash", "previous_hash"]}),
    ]

    def get_readonly_fields(self, request, obj=None):
        return [*(field.name for field in Document._meta.fields), "previous_hash"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("content")

    @admin.display(description=_("empreinte précédente"))
    def previous_hash(self, document) -> str:
        return document.previous_id or ""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/pdf/", view(self.pdf_view), name="invoicing_document_pdf"),
            path("books/", view(self.books_view), name="invoicing_document_books"),
            path("books/<str:month>/fec/", view(self.fec_view), name="invoicing_document_fec"),
            path("books/<str:month>/cash/", view(self.cash_view), name="invoicing_document_cash"),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        found = Document.objects.filter(pk=object_id).defer("content").select_related("file").first()
        return super().change_view(request, object_id, form_url, {"document": found, **(extra_context or {})})

    def pdf_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        self._check(request)
        found = get_object_or_404(Document.objects.defer("content").select_related("file"), pk=pk)
        file = getattr(found, "file", None)
        if file is None:
            raise Http404
        return document_response(file.file, filename=f"{found.number}.pdf", content_type="application/pdf")

    def books_view(self, request: HttpRequest) -> HttpResponseBase:
        """One month by rate and account; the newest that has documents unless another is asked for."""
        self._check(request)
        months = sorted({*books.months(), *cash_book.months()}, reverse=True)
        month = self._month(request.GET["month"]) if "month" in request.GET else next(iter(months), None)
        rows = books.totals(month, books.month_end(month)) if month else []
        money = cash_book.balances(month, books.month_end(month)) if month else {}
        context = {
            **self.admin_site.each_context(request),
            "title": _("Livres comptables"),
            "opts": self.opts,
            "months": months,
            "month": month,
            "rows": [(percent(row.rate), row) for row in rows],
            "money": [(account, cash_book.NAMES[account], amount) for account, amount in money.items()],
            "net": sum((row.net for row in rows), ZERO),
            "vat": sum((row.vat for row in rows), ZERO),
            "gross": sum((row.gross for row in rows), ZERO),
            "back_url": reverse("admin:invoicing_document_changelist"),
        }
        return TemplateResponse(request, "backoffice/books.html", context)

    def fec_view(self, request: HttpRequest, month: str) -> HttpResponseBase:
        """The sales journal of a month, streamed."""
        self._check(request)
        first = self._month(month)
        last = books.month_end(first)
        return self._journal(books.fec(first, last), books.fec_name(last))

    def cash_view(self, request: HttpRequest, month: str) -> HttpResponseBase:
        """The journal of money of a month, streamed."""
        self._check(request)
        first = self._month(month)
        last = books.month_end(first)
        return self._journal(cash_book.fec(first, last), cash_book.cash_book_name(last))

    def _journal(self, lines: Iterator[str], name: str) -> HttpResponseBase:
        return StreamingHttpResponse(
            lines,
            content_type="text/plain; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _check(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _month(self, text: str) -> date:
        form = MonthForm({"month": text})
        if not form.is_valid():
            raise Http404
        return form.cleaned_data["month"].replace(day=1)


@admin.register(Closing)
class ClosingAdmin(ReadOnlyAdmin):
    list_display = ["start_date", "end_date", "period", "count", "invoiced", "credited", "life_invoiced", "archived"]
    list_select_related = ["archive"]
    list_filter = ["period"]
    show_full_result_count = False
    ordering = ["-start_date", "period"]
    list_per_page = 50

    def get_readonly_fields(self, request, obj=None):
        return [field.name for field in Closing._meta.fields]

    @admin.display(description=_("archivé le"))
    def archived(self, closing):
        archive = getattr(closing, "archive", None)
        return archive.archived_at if archive else None

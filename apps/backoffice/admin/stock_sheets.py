"""« Réceptions et inventaires »: codes are scanned or pasted, looked over, and booked at once."""

import secrets
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget

from apps.catalogue.models import Category, StockSheet
from apps.catalogue.services import stock_sheets
from apps.common.errors import DomainError
from apps.common.typed import TypedForm, TypedModelForm

MAX_TEXT = 200_000


class SheetForm(TypedModelForm):
    class Meta:
        model = StockSheet
        fields = ["kind", "note", "category"]
        widgets = {"kind": UnfoldAdminSelectWidget, "category": UnfoldAdminSelectWidget}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if rayons := self.fields.get("category"):
            rayons.queryset = Category.objects.order_by("path")
            rayons.label_from_instance = lambda rayon: f"{'— ' * (rayon.depth - 1)}{rayon.name_fr}"


class EntryForm(TypedForm, forms.Form):
    """Codes as they are scanned or pasted."""

    codes = forms.CharField(max_length=MAX_TEXT, widget=forms.Textarea)
    token = forms.CharField(max_length=32, min_length=16)


class PiecesForm(forms.Form):
    """The pieces of every line; an empty field takes its line out."""

    def __init__(self, sheet: StockSheet, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for pk in sheet.lines.values_list("pk", flat=True):
            self.fields[f"pieces-{pk}"] = forms.IntegerField(
                required=False, min_value=0, max_value=stock_sheets.MOST_PIECES
            )

    @property
    def pieces(self) -> dict[int, int | None]:
        """Of the lines that the page had: one that came meanwhile stays as it is."""
        return {int(name.removeprefix("pieces-")): self.cleaned_data[name] for name in self.fields if name in self.data}


@admin.register(StockSheet)
class StockSheetAdmin(ModelAdmin):
    """A sheet is opened here; its page takes codes until it is booked or discarded, and is a record from then on."""

    form = SheetForm
    list_display = ["__str__", "note", "category", "status", "created_by", "created_at", "closed_by", "closed_at"]
    list_filter = ["kind", "status"]
    list_select_related = ["category", "created_by", "closed_by"]
    search_fields = ["note", "lines__variant__sku", "lines__variant__ean13"]
    show_full_result_count = False
    change_form_outer_before_template = "backoffice/stock/sheet.html"

    def get_fields(self, request, obj=None):
        if obj is None:
            return ["kind", "note", "category"]
        return [("kind", "status"), ("note", "category"), ("created_by", "created_at"), ("closed_by", "closed_at")]

    def get_readonly_fields(self, request, obj=None):
        return [] if obj is None else [field.name for field in StockSheet._meta.fields]

    def has_delete_permission(self, request, obj=None):
        return False

    def get_changeform_initial_data(self, request):
        return {"kind": request.GET.get("kind", StockSheet.Kind.RECEIPT)}

    def save_model(self, request, obj, form, change):
        """Only opens: an open sheet changes through its own page."""
        given = form.cleaned_data
        opened = stock_sheets.open_sheet(
            kind=given["kind"], note=given["note"], category=given["category"], by=request.user, now=timezone.now()
        )
        obj.pk = opened.pk

    def response_add(self, request, obj, post_url_continue=None):
        return self._back(obj)

    def get_urls(self):
        def at(route: str, view: Callable[..., HttpResponse], name: str, *, reads: bool = False):
            return path(f"<int:pk>/{route}/", self._guarded(view, reads=reads), name=f"stock_sheet_{name}")

        return [
            at("codes", self.enter_view, "enter"),
            at("pieces", self.pieces_view, "pieces"),
            at("enregistrer", self.book_view, "book"),
            at("abandonner", self.discard_view, "discard"),
            at("feuille", self.print_view, "print", reads=True),
            *super().get_urls(),
        ]

    def _guarded(self, view: Callable[..., HttpResponse], *, reads: bool):
        def checked(request: HttpRequest, pk: int) -> HttpResponse:
            if not request.user.has_perm(f"catalogue.{'view' if reads else 'change'}_stocksheet"):
                raise PermissionDenied
            return view(request, get_object_or_404(StockSheet.objects.select_related("category"), pk=pk))

        return self.admin_site.admin_view((require_GET if reads else require_POST)(checked))

    def _back(self, sheet: StockSheet) -> HttpResponse:
        return redirect("admin:catalogue_stocksheet_change", sheet.pk)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        sheet = self.get_object(request, object_id)
        may_change = self.has_change_permission(request)
        extra = {
            "sheet": sheet,
            "lines": _lines(sheet) if sheet else [],
            "may_change": may_change and sheet is not None and sheet.is_open,
            "token": secrets.token_urlsafe(18),
            "show_save": False,
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
        }
        return super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})

    def _page(self, request: HttpRequest, sheet: StockSheet, **extra: Any) -> HttpResponse:
        """The sheet's page in answer to what could not be taken whole; nothing typed is lost."""
        request.method = "GET"
        response = self.change_view(request, str(sheet.pk), extra_context=extra)
        response.status_code = 422
        return response

    def enter_view(self, request: HttpRequest, sheet: StockSheet) -> HttpResponse:
        form = EntryForm(request.POST)
        if not form.is_valid():
            return self._page(request, sheet, codes=request.POST.get("codes", ""), problem=_("Saisissez des codes."))
        try:
            entry = stock_sheets.enter_codes(
                sheet=sheet, text=form.cleaned_data["codes"], token=form.cleaned_data["token"]
            )
        except DomainError as error:
            return self._page(request, sheet, codes=form.cleaned_data["codes"], problem=error.message)
        if entry.taken:
            text = ngettext("%(count)d ligne ajoutée.", "%(count)d lignes ajoutées.", entry.taken)
            messages.success(request, text % {"count": entry.taken})
        if entry.refused:
            return self._page(request, sheet, codes=entry.left, refused=entry.refused)
        return self._back(sheet)

    def pieces_view(self, request: HttpRequest, sheet: StockSheet) -> HttpResponse:
        form = PiecesForm(sheet, request.POST)
        if not form.is_valid():
            problem = _("Un nombre de pièces est un nombre entier, un million au plus. Vide : la ligne est retirée.")
            return self._page(request, sheet, problem=problem, lines=_lines(sheet, typed=request.POST))
        return self._done(request, sheet, lambda: stock_sheets.set_pieces(sheet=sheet, pieces=form.pieces))

    def book_view(self, request: HttpRequest, sheet: StockSheet) -> HttpResponse:
        def book() -> None:
            count = stock_sheets.book_sheet(sheet=sheet, by=request.user, now=timezone.now())
            messages.success(request, stock_sheets.booked_sentence(count))

        return self._done(request, sheet, book)

    def discard_view(self, request: HttpRequest, sheet: StockSheet) -> HttpResponse:
        return self._done(
            request, sheet, lambda: stock_sheets.discard_sheet(sheet=sheet, by=request.user, now=timezone.now())
        )

    def _done(self, request: HttpRequest, sheet: StockSheet, change: Callable[[], None]) -> HttpResponse:
        try:
            change()
        except DomainError as error:
            messages.error(request, error.message)
        return self._back(sheet)

    def print_view(self, request: HttpRequest, sheet: StockSheet) -> HttpResponse:
        context = {"sheet": sheet, "variants": stock_sheets.to_count(sheet), "today": timezone.now()}
        return TemplateResponse(request, "backoffice/stock/count_list.html", context)


def _lines(sheet: StockSheet, typed: Any = None) -> list[dict[str, Any]]:
    """Each line with its variant, the stock of now and what it becomes, and the pieces that were typed. One query."""
    rows = []
    for line in sheet.lines.select_related("variant__product", "variant__stock"):
        stock = getattr(line.variant, "stock", None)
        on_hand, reserved = (stock.on_hand, stock.reserved) if stock else (0, 0)
        delta = stock_sheets.delta_of(sheet, line)
        rows.append(
            {
                "line": line,
                "on_hand": on_hand,
                "delta": delta,
                "after": on_hand + delta,
                "is_short": on_hand + delta < reserved,
                "reserved": reserved,
                "typed": typed.get(f"pieces-{line.pk}", "") if typed is not None else line.pieces,
            }
        )
    return rows

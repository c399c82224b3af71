"""What an import changes, product by product: filtered on a page, or all of it as a file."""

import csv
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.catalogue.models import CatalogueImport, ProductImage
from apps.catalogue.services import fetch_image
from apps.common.spreadsheets import guard
from apps.common.typed import TypedForm
from apps.imports.catalogue.labels import COLUMNS
from apps.imports.models import ImportedProduct

_PER_PAGE = 50
_DETAILS_PER_ROW = 8
_FAILED_PICTURES = 20


class FilterForm(TypedForm, forms.Form):
    outcome = forms.ChoiceField(
        label=gettext_lazy("Effet"),
        required=False,
        choices=[("", gettext_lazy("tous")), *ImportedProduct.Outcome.choices],
        widget=UnfoldAdminSelectWidget,
    )
    attention = forms.ChoiceField(
        label=gettext_lazy("À regarder"),
        required=False,
        choices=[("", gettext_lazy("tous")), *(each for each in ImportedProduct.Attention.choices if each[0])],
        widget=UnfoldAdminSelectWidget,
    )
    left = forms.BooleanField(label=gettext_lazy("Seulement ce qui n’a pas pu être annulé"), required=False)
    words = forms.CharField(
        label=gettext_lazy("Code ou nom"), required=False, max_length=80, widget=UnfoldAdminTextInputWidget
    )


def products_of(received: CatalogueImport) -> QuerySet[ImportedProduct]:
    """Those of its preview, or of what was written once it has begun to be."""
    return ImportedProduct.objects.filter(received=received).order_by("pk")


def listed(request: HttpRequest, received: CatalogueImport) -> dict[str, Any]:
    """The context of the page with all of them."""
    form = FilterForm(request.GET)
    rows = products_of(received)
    if form.is_valid():
        wanted = form.cleaned_data
        if wanted["outcome"]:
            rows = rows.filter(outcome=wanted["outcome"])
        if wanted["attention"]:
            rows = rows.filter(attention=wanted["attention"])
        if wanted["left"]:
            rows = rows.exclude(left=[])
        if words := wanted["words"]:
            rows = rows.filter(Q(code__icontains=words) | Q(name__icontains=words))
    page = Paginator(rows, _PER_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    return {"filter": form, "page": page, "rows": [described(row) for row in page], "query": query.urlencode()}


def described(row: ImportedProduct) -> dict[str, Any]:
    """A row with its differences in the words of the screen."""
    details = [
        (code if code != row.code else "", COLUMNS.get(column, column), before, after)
        for code, column, before, after in row.details[:_DETAILS_PER_ROW]
    ]
    left = [(code, COLUMNS.get(column, column), why) for code, column, why in row.left]
    return {"row": row, "details": details, "more": max(len(row.details) - _DETAILS_PER_ROW, 0), "left": left}


def outstanding(received: CatalogueImport, *, limit: int = 20) -> list[dict[str, Any]]:
    """The first of what deserves a look, most serious kind first."""
    found: list[ImportedProduct] = []
    for kind in ImportedProduct.Attention.values:
        if kind and len(found) < limit:
            found += products_of(received).filter(attention=kind)[: limit - len(found)]
    return [described(row) for row in found]


def counts(received: CatalogueImport) -> dict[str, int]:
    rows = ImportedProduct.objects.filter(received=received).order_by().values("outcome")
    return {row["outcome"]: row["count"] for row in rows.annotate(count=Count("pk"))}


def pictures(received: CatalogueImport) -> dict[str, Any]:
    """Of the products that it wrote: how many pictures are there, wanted and failed, and the first that failed."""
    written = ImportedProduct.objects.filter(received=received, is_written=True, product_id__isnull=False)
    rows = ProductImage.objects.filter(product__in=written.order_by().values("product_id")).exclude(source_url="")
    counted = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    failed = rows.filter(state=ProductImage.State.FAILED).select_related("product").order_by("pk")[:_FAILED_PICTURES]
    states = ((ProductImage.State.READY, _("en place")), (ProductImage.State.WANTED, _("en attente")))
    return {
        "counts": [(label, counted.get(state, 0)) for state, label in states],
        "failed_count": counted.get(ProductImage.State.FAILED, 0),
        "failed": failed,
    }


def ask_again_for_pictures(received: CatalogueImport) -> int:
    written = ImportedProduct.objects.filter(received=received, is_written=True, product_id__isnull=False)
    failed = ProductImage.objects.filter(
        product__in=written.order_by().values("product_id"), state=ProductImage.State.FAILED
    )
    return fetch_image.ask_again(product_ids=list(failed.order_by().values_list("product", flat=True).distinct()))


class _Echo:
    def write(self, text: str) -> str:
        return text


def as_file(received: CatalogueImport) -> StreamingHttpResponse:
    """One line for each difference, as Excel in French opens it."""
    writer = csv.writer(_Echo(), delimiter=";")
    head = [_("ligne"), _("effet"), _("code"), _("nom"), _("donnée"), _("avant"), _("après"), _("à regarder")]

    def lines() -> Iterator[str]:
        yield "\ufeff"
        yield writer.writerow(head)
        for row in products_of(received).iterator(chunk_size=500):
            start = [row.line or "", row.get_outcome_display()]
            for code, column, before, after in row.details or [["", "", "", ""]]:
                cells = [code or row.code, row.name, str(COLUMNS.get(column, column)), before, after]
                yield writer.writerow(
                    [*start, *map(guard, cells), row.get_attention_display() if row.attention else ""]
                )

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{received.pk}.csv"'
    return response

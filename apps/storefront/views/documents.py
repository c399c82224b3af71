"""Invoices and credit notes, behind the secret link of their order."""

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from apps.common.documents import document_response
from apps.invoicing.models import Document
from apps.invoicing.moment import moment_of
from apps.orders.models import Order
from apps.storefront.http import secret_link
from apps.storefront.views.order import order_by_token


@require_safe
@secret_link
def invoice(request: HttpRequest, token: str) -> HttpResponseBase:
    """The invoice of an order, for links that are older than it; 404 for an order that has none and awaits none."""
    order = order_by_token(token)
    found = Document.objects.of_order(order).invoices().select_related("file").first()
    if found is None and moment_of(order) is None:
        raise Http404
    return _answer(request, order, found)


@require_safe
@secret_link
def document(request: HttpRequest, token: str, number: str) -> HttpResponseBase:
    order = order_by_token(token)
    return _answer(
        request, order, get_object_or_404(Document.objects.of_order(order).select_related("file"), number=number)
    )


def _answer(request: HttpRequest, order: Order, found: Document | None) -> HttpResponseBase:
    """The stored PDF, or until the worker has rendered it a page that says so."""
    file = getattr(found, "file", None)
    if found is None or file is None:
        return _pending(request, order)
    return document_response(file.file, filename=f"{found.number}.pdf", content_type="application/pdf")


def _pending(request: HttpRequest, order: Order) -> HttpResponse:
    return render(request, "storefront/order/document_pending.html", {"order": order}, status=HTTPStatus.ACCEPTED)

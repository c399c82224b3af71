"""An order's invoice and credit notes on its pages, for its owner and who holds its link alone."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from apps.accounts.tests.factories import UserFactory
from apps.invoicing.models import Document
from apps.invoicing.services import issue_missing, render_missing
from apps.invoicing.tests.factories import given_back, sale

pytestmark = pytest.mark.django_db


def documented(**fields):
    now = timezone.now() - timedelta(minutes=1)
    order = sale(now=now, **fields)
    issue_missing(now=now)
    given_back(order, "5.00", now=now)
    issue_missing(now=now)
    return order


def links(order) -> list[str]:
    return [reverse("storefront:document", args=[order.access_token, each.number]) for each in order.documents.all()]


def test_the_order_page_leads_to_both_and_they_are_pdfs(client):
    order = documented()
    render_missing(now=timezone.now())
    page = client.get(reverse("storefront:order", args=[order.access_token])).content.decode()
    assert "Factures et avoirs" in page
    for url in links(order):
        assert url in page
        response = client.get(url)
        assert b"".join(response.streaming_content).startswith(b"%PDF-1.7")
        assert response["Content-Type"] == "application/pdf"
        assert response["Cache-Control"] == "private, no-store"
        assert response["Content-Disposition"].startswith("attachment; filename=")


def test_an_order_without_documents_shows_none(client):
    order = sale(paid=False)
    page = client.get(reverse("storefront:order", args=[order.access_token])).content.decode()
    assert "Factures et avoirs" not in page
    assert client.get(reverse("storefront:invoice", args=[order.access_token])).status_code == 404


def test_the_link_of_an_e_mail_leads_to_the_invoice_or_says_when(client):
    order = sale()
    url = reverse("storefront:invoice", args=[order.access_token])
    waiting = client.get(url)
    assert (waiting.status_code, "en cours d’impression" in waiting.content.decode()) == (202, True)
    issue_missing(now=timezone.now())
    assert client.get(url).status_code == 202
    render_missing(now=timezone.now())
    number = Document.objects.get().number
    assert f"{number}.pdf" in client.get(url)["Content-Disposition"]


def test_nobody_else_reads_them(client):
    order, other = documented(), documented()
    render_missing(now=timezone.now())
    theirs = other.documents.first().number
    assert client.get(reverse("storefront:document", args=[order.access_token, theirs])).status_code == 404
    assert client.get(reverse("storefront:document", args=["x" * 22, theirs])).status_code == 404
    assert client.post(links(order)[0]).status_code == 405


def test_the_account_leads_to_them(client):
    user = UserFactory()
    order = documented(user=user)
    client.force_login(user)
    page = client.get(reverse("storefront:account_order", args=[order.number])).content.decode()
    assert all(url in page for url in links(order))


def test_in_english(client):
    order = documented(language="en")
    with translation.override("en"):
        page = client.get(reverse("storefront:order", args=[order.access_token])).content.decode()
        assert "/invoice/" in links(order)[0]
    assert "Invoices and credit notes" in page
    assert "Credit note A" in page

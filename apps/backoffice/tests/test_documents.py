"""Documents, closings and books in the back office."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.services.groups import sync_groups
from apps.invoicing.models import Closing, Document
from apps.invoicing.services import render_missing
from apps.invoicing.tests.factories import closed_october

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 3, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def october(db):
    closed_october()


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode().replace("\u202f", " ").replace("\xa0", " ")


def test_the_order_shows_its_documents_with_their_pdfs(client, staff):
    note = Document.objects.get(kind="CREDIT_NOTE")
    url = reverse("admin:orders_order_change", args=[note.order_id])
    pdf = reverse("admin:invoicing_document_pdf", args=[note.pk])
    page = text(client.get(url))
    assert (note.number in page, note.corrects.number in page, pdf in page) == (True, True, False)
    assert client.get(pdf).status_code == 404
    render_missing(now=NOW)
    assert pdf in text(client.get(url))
    assert b"".join(client.get(pdf).streaming_content).startswith(b"%PDF")


def test_lists_and_their_rows(client, staff):
    assert "A2026-000001" in text(client.get(reverse("admin:invoicing_document_changelist")))
    page = text(client.get(reverse("admin:invoicing_document_change", args=[Document.objects.first().pk])))
    assert Document.objects.first().hash in page
    assert Closing.objects.count() == 30
    assert "mois" in text(client.get(reverse("admin:invoicing_closing_changelist")))


def test_the_books_of_a_month(client, staff):
    page = text(client.get(reverse("admin:invoicing_document_books")))
    assert "707055" in page
    assert "44571200" in page
    asked = text(client.get(reverse("admin:invoicing_document_books"), {"month": "2026-09"}))
    assert "707055" not in asked
    assert client.get(reverse("admin:invoicing_document_books"), {"month": "x"}).status_code == 404


def test_the_journal_is_a_file(client, staff):
    response = client.get(reverse("admin:invoicing_document_fec", args=["2026-10"]))
    assert response["Content-Disposition"] == 'attachment; filename="000000000FEC20261031.txt"'
    lines = b"".join(response.streaming_content).decode().splitlines()
    # A header, and for each document its customer, two rates and their VAT.
    assert len(lines) == 1 + 5 * 5
    assert client.get(reverse("admin:invoicing_document_fec", args=["2026-13"])).status_code == 404


def test_who_has_nothing_to_do_with_sales_sees_none(client):
    sync_groups()
    colleague = StaffFactory()
    colleague.groups.add(Group.objects.get(name="Catalogue"))
    client.force_login(colleague)
    pages = [
        reverse("admin:invoicing_document_books"),
        reverse("admin:invoicing_document_fec", args=["2026-10"]),
        reverse("admin:invoicing_document_pdf", args=[Document.objects.first().pk]),
        reverse("admin:invoicing_closing_changelist"),
    ]
    assert [client.get(url).status_code for url in pages] == [403] * 4

"""The PDF: PDF/A-3 with Factur-X inside, stored once, the same bytes ever after."""

import hashlib
import io
from datetime import UTC, datetime
from pathlib import PurePath

import facturx
import pypdf
import pytest
from PIL import Image

from apps.common.documents import documents
from apps.common.tests.races import meanwhile
from apps.invoicing import pdf
from apps.invoicing.models import Document, DocumentFile
from apps.invoicing.services import issue_missing, render_document, render_missing
from apps.invoicing.tests.factories import given_back, sale

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


def rendered(**fields) -> tuple[bytes, Document]:
    sale(("12.50", 2, "5.5"), ("30.00", 1, "20.0"), now=NOW, **fields)
    issue_missing(now=NOW, everything=True)
    document = Document.objects.order_by("position").last()
    return body(render_document(document=document, now=NOW)), document


def body(file: DocumentFile) -> bytes:
    with file.file.open() as stored:
        return bytes(stored.read())


def test_it_is_pdf_a_3_with_its_invoice_as_data():
    written, document = rendered()
    reader = pypdf.PdfReader(io.BytesIO(written))
    metadata = reader.root_object["/Metadata"].get_object().get_data().decode()
    assert metadata.count("<rdf:RDF") == 1
    assert 'pdfaid:part="3"' in metadata
    assert 'pdfaid:conformance="A"' in metadata
    assert "<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>" in metadata
    assert reader.root_object["/OutputIntents"]
    assert reader.root_object["/Lang"] == "fr"
    [attached] = reader.root_object["/AF"]
    assert attached.get_object()["/AFRelationship"] == "/Data"
    assert attached.get_object()["/EF"]["/F"].get_object()["/Subtype"] == "/text/xml"
    name, inside = facturx.get_facturx_xml_from_pdf(io.BytesIO(written), check_xsd=True)
    assert (name, document.number.encode() in inside) == ("factur-x.xml", True)
    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]
    descriptions = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object() for font in fonts]
    assert descriptions
    assert all(any(key.startswith("/FontFile") for key in each) for each in descriptions)


def test_it_says_what_the_law_wants():
    written, document = rendered(company="Épicerie Fine SARL")
    text = " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(written)).pages).split())
    for words in (
        *(document.number, "28 novembre 2026", "WebMarket SARL", "SIREN 000000000", "FR00000000000"),
        *("Épicerie Fine SARL", "12 rue des Halles", "69002 Lyon", "Miel de lavande", "Prix unitaire HT"),
        *("5,5 %", "20 %", "59,90 €", "Payée le 28 novembre 2026", "40,00 €", "L441-10"),
    ):
        assert words in text.replace("\u202f", " ").replace("\xa0", " "), words


def test_it_speaks_the_customers_language():
    written, _document = rendered(language="en")
    text = pypdf.PdfReader(io.BytesIO(written)).pages[0].extract_text()
    assert "Invoice" in text
    assert "€59.90" in text
    assert "Facture" not in text


def test_a_long_one_has_pages_that_are_counted():
    sale(*[(f"{each}.99", each, "5.5") for each in range(1, 80)], now=NOW)
    issue_missing(now=NOW, everything=True)
    file = render_document(document=Document.objects.get(), now=NOW)
    pages = pypdf.PdfReader(io.BytesIO(body(file))).pages
    assert len(pages) > 2
    assert f"{len(pages)}/{len(pages)}" in pages[-1].extract_text()


def test_it_is_rendered_once_and_stays():
    written, document = rendered()
    again = render_document(document=document, now=NOW)
    assert body(again) == written
    assert again.sha256 == hashlib.sha256(written).hexdigest()
    assert (DocumentFile.objects.count(), again.size) == (1, len(written))


def test_of_two_workers_one_stores():
    """The other's file is deleted again."""
    sale(now=NOW)
    issue_missing(now=NOW, everything=True)
    document = Document.objects.get()
    before = stored_files()
    with meanwhile(lambda: render_document(document=document, now=NOW), after="invoicing_documentfile"):
        file = render_document(document=document, now=NOW)
    assert DocumentFile.objects.get() == file
    assert stored_files() - before == {PurePath(file.file.name).name}


def stored_files() -> set[str]:
    try:
        return set(documents().listdir("invoices/2026")[1])
    except FileNotFoundError:
        return set()


def test_what_waits_is_rendered():
    order = sale(now=NOW)
    issue_missing(now=NOW, everything=True)
    given_back(order, "5.00", now=NOW)
    issue_missing(now=NOW, everything=True)
    assert render_missing(now=NOW) == 2
    assert render_missing(now=NOW) == 0


def test_rendering_makes_no_broken_picture_a_whole_one():
    pdf.load()
    whole = io.BytesIO()
    Image.new("RGB", (64, 64), "#256b4c").save(whole, "PNG")
    with pytest.raises(OSError, match="truncated"), Image.open(io.BytesIO(whole.getvalue()[:-40])) as cut:
        cut.load()

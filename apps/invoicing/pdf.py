"""PDF/A-3 with the XML of Factur-X inside, by WeasyPrint, which only processes that render documents load."""

import atexit
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from apps.invoicing import facturx
from apps.invoicing.printed import notes, payment_sentence, printed

FOLDER = Path(__file__).parent
VARIANT = "pdf/a-3a"


def load() -> None:
    """Raises OSError where the system lacks WeasyPrint's libraries."""
    _styles()


def render(content: dict[str, Any]) -> bytes:
    """The PDF of a document, in its language, from its content alone. About 50 ms."""
    with translation.override(content["language"]):
        html = render_to_string("invoicing/document.html", printed(content))
        xml = facturx.xml(content, notes=notes(content), terms=payment_sentence(content), charge_name=_("Livraison"))
    return _pdf(html, xml, identifier=content["number"].encode())


def _pdf(html: str, xml: bytes, *, identifier: bytes) -> bytes:
    styles, fonts = _styles()
    library = _weasyprint()
    document = library.HTML(string=html, base_url=str(FOLDER)).render(stylesheets=[styles], font_config=fonts)
    attachment = library.Attachment(string=xml, name=facturx.NAME, description="Factur-X", relationship="Data")
    document.metadata.attachments = [attachment]
    # One RDF for both (ISO 19005-3, 6.6.2.1): what WeasyPrint appends by itself is a second one.
    own = document.metadata.generate_rdf_metadata
    document.metadata.generate_rdf_metadata = partial(_with_facturx, own)
    written = document.write_pdf(finisher=_name_once, pdf_variant=VARIANT, pdf_tags=True, pdf_identifier=identifier)
    assert isinstance(written, bytes)  # noqa: S101
    return written


def _name_once(_document: Any, pdf: Any) -> None:
    """WeasyPrint lists an attachment of PDF/A-3 twice."""
    pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])


def _with_facturx(own: Any, *arguments: Any) -> bytes:
    rdf: bytes = own(*arguments)
    head, end, tail = rdf.rpartition(b"</rdf:RDF>")
    return head + render_to_string("invoicing/facturx.xmp").encode() + end + tail


def _weasyprint() -> ModuleType:
    """Its import makes Pillow accept pictures that end too early, everywhere in the process: a worker that has rendered
    a document would take a broken picture of a product for a whole one."""
    import weasyprint
    from PIL import ImageFile

    ImageFile.LOAD_TRUNCATED_IMAGES = False
    return weasyprint


@cache
def _styles() -> tuple[Any, Any]:
    """Style sheet and fonts, read once per process."""
    library = _weasyprint()
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    # It frees its fonts by modules that an ending interpreter has taken apart.
    atexit.register(_styles.cache_clear)
    path = FOLDER / "styles" / "document.css"
    return library.CSS(string=path.read_text(), base_url=str(path), font_config=fonts), fonts

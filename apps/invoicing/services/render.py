"""The PDF of each document: rendered once, stored, and the same bytes for ever after."""

import hashlib
from datetime import datetime

import structlog
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from apps.invoicing.models import Document, DocumentFile
from apps.invoicing.services.chain import read

logger = structlog.get_logger(__name__)


def render_missing(*, now: datetime, limit: int = 500) -> int:
    """Render documents that have no PDF yet, oldest first; returns how many. One that fails is logged and tried again
    by the next run, and does not hold up the others."""
    from apps.invoicing import pdf

    waiting = Document.objects.without_file().order_by("position")
    if not waiting.exists():
        return 0
    # Raises OSError where the system lacks WeasyPrint's libraries: once, and not for each document.
    pdf.load()
    rendered = 0
    for document in waiting[:limit].iterator(chunk_size=50):
        try:
            render_document(document=document, now=now)
        except Exception:
            logger.exception("document_not_rendered", document_id=document.pk)
        else:
            rendered += 1
    return rendered


def render_document(*, document: Document, now: datetime) -> DocumentFile:
    """The stored PDF of a document, rendered if there is none. Of two that render at once one is stored."""
    from apps.invoicing.pdf import render

    existing = DocumentFile.objects.filter(document=document).first()
    if existing is not None:
        return existing
    body = render(read(document))
    file = DocumentFile(document=document, sha256=hashlib.sha256(body).hexdigest(), size=len(body), rendered_at=now)
    file.file.save(f"invoices/{document.year}/{document.number}.pdf", ContentFile(body), save=False)
    try:
        with transaction.atomic():
            file.save()
    except IntegrityError:
        file.file.delete(save=False)
        return DocumentFile.objects.get(document=document)
    return file

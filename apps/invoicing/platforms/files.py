"""Writes files among the private documents, for a shop whose accountant hands them in."""

from django.core.files.base import ContentFile

from apps.common.documents import documents
from apps.invoicing.canonical import canonical
from apps.invoicing.platforms.base import SalesReport

FOLDER = "platform"


class Files:
    name = "files"

    def send_sales(self, report: SalesReport) -> str:
        body = canonical({"format": "webmarket-sales-1", "currency": "EUR", "report": report})
        return self._write(f"{FOLDER}/sales-{report.first}-{report.last}.json", body.encode())

    def send_invoice(self, *, number: str, xml: bytes) -> str:
        return self._write(f"{FOLDER}/{number}.xml", xml)

    def _write(self, name: str, body: bytes) -> str:
        storage = documents()
        return name if storage.exists(name) else storage.save(name, ContentFile(body))

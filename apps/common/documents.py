"""Files that belong to somebody: under no public address, handed out by views that have checked who asks."""

from pathlib import PurePath
from typing import Any

from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from storages.backends.s3 import S3Storage

ADDRESS_SECONDS = 60
"""How long an address that leads past our views holds: a browser follows it at once, nobody passes it on."""


class DocumentsOnS3(S3Storage):
    """Each object says itself that it is to be saved, and under which name: who follows a signed address gets that from
    S3 or the CDN, where our views no longer have a say. The type that a sender's browser announced is not kept."""

    def _get_write_parameters(self, name: str, content: Any = None) -> dict[str, Any]:
        shown = PurePath(getattr(content, "name", None) or name).name
        return {
            **super()._get_write_parameters(name, content),
            "ContentType": "application/octet-stream",
            "ContentDisposition": content_disposition_header(True, shown) or "attachment",
        }


class DocumentsOnDisk(FileSystemStorage):
    def url(self, name: str | None) -> str:
        raise ValueError("Documents have no address: a view hands them out.")


def documents() -> Storage:
    return storages["documents"]


def document_response(stored: FieldFile, *, filename: str, content_type: str) -> HttpResponseBase:
    """A document for somebody who may have it: streamed, or from S3 by a redirect to an address that holds a minute.

    Always saved, never opened in our origin, never kept by a cache. Raises Http404 when the file is gone.
    """
    storage, name = stored.storage, stored.name or ""
    response: HttpResponseBase
    if isinstance(storage, DocumentsOnS3):
        response = HttpResponseRedirect(storage.url(name, expire=ADDRESS_SECONDS))
        response["Referrer-Policy"] = "no-referrer"
    else:
        try:
            file = storage.open(name, "rb")
        except FileNotFoundError as error:
            raise Http404(name) from error
        response = FileResponse(file, as_attachment=True, filename=filename, content_type=content_type)
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response

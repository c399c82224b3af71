"""Private files: without a public URL, served by views that have checked the reader's right."""

from pathlib import PurePath
from typing import Any

from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from storages.backends.s3 import S3Storage

URL_SECONDS = 60
"""Lifetime of a signed URL, which bypasses our views: the browser follows the redirect at once."""


class DocumentsOnS3(S3Storage):
    """Stores Content-Disposition (attachment, with its file name) on each object, because S3 or the CDN serves it
    without our views. The content type that the sender's browser announced is not stored."""

    def _get_write_parameters(self, name: str, content: Any = None) -> dict[str, Any]:
        filename = PurePath(getattr(content, "name", None) or name).name
        return {
            **super()._get_write_parameters(name, content),
            "ContentType": "application/octet-stream",
            "ContentDisposition": content_disposition_header(True, filename) or "attachment",
        }


class DocumentsOnDisk(FileSystemStorage):
    def url(self, name: str | None) -> str:
        raise ValueError("Documents have no URL: a view serves them.")


def documents() -> Storage:
    return storages["documents"]


def document_response(stored: FieldFile, *, filename: str, content_type: str) -> HttpResponseBase:
    """Response with a document, for a reader whose right was checked: streamed, or a redirect to a signed URL of S3.

    Always an attachment, never opened in our origin, never cached. Raises Http404 when the file does not exist.
    """
    storage, name = stored.storage, stored.name or ""
    response: HttpResponseBase
    if isinstance(storage, DocumentsOnS3):
        response = HttpResponseRedirect(storage.url(name, expire=URL_SECONDS))
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

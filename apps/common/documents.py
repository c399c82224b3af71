"""Private files: without a public URL, served by views that have checked the reader's right."""

from typing import Any

from django.core.files.storage import Storage, storages
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpResponseRedirect
from django.http.response import HttpResponseBase

from apps.common.files_on_disk import WholeFileSystemStorage

URL_SECONDS = 60
"""Lifetime of a signed URL, which bypasses our views: the browser follows the redirect at once."""


class DocumentsOnDisk(WholeFileSystemStorage):
    def url(self, name: str | None) -> str:
        raise ValueError("Documents have no URL: a view serves them.")


def documents() -> Storage:
    return storages["documents"]


def document_response(stored: FieldFile, *, filename: str, content_type: str) -> HttpResponseBase:
    """Response with a document, for a reader whose right was checked: streamed, or a redirect to a signed URL of S3.

    Always an attachment, never opened in our origin, never cached. Raises Http404 when the file does not exist.
    """
    storage: Any = stored.storage
    name = stored.name or ""
    response: HttpResponseBase
    if getattr(storage, "signs_urls", False):
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

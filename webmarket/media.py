"""Uploaded and drawn pictures on a machine without S3. In production the bucket's own domain serves them."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, re_path
from django.views.static import serve


def stored_file(request: HttpRequest, path: str) -> HttpResponseBase:
    """One file below MEDIA_ROOT; 404 outside of it. Names carry their content's hash, so browsers may keep them."""
    try:
        response = serve(request, path, document_root=settings.MEDIA_ROOT)
    except OSError:
        # No file can have such a name: too long for the disk, or through a file as if it were a folder.
        raise Http404 from None
    if response.status_code == 200:
        response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def media_urls() -> list[URLPattern]:
    """The route of MEDIA_URL where files lie on disk; none where they lie on S3."""
    on_disk = settings.STORAGES["default"]["BACKEND"].endswith("FileSystemStorage")
    return [re_path(r"^media/(?P<path>.+)$", stored_file, name="stored_file")] if on_disk else []

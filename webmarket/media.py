"""Serves pictures from disk on a machine without S3. In production the CDN serves them."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, re_path
from django.views.static import serve


def stored_file(request: HttpRequest, path: str) -> HttpResponseBase:
    """One file below MEDIA_ROOT; 404 outside of it. Names contain their content's hash, so browsers may cache them."""
    try:
        response = serve(request, path, document_root=settings.MEDIA_ROOT)
    except OSError:
        # An impossible name: too long for the file system, or a path through a file.
        raise Http404 from None
    if response.status_code == 200:
        response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def media_urls() -> list[URLPattern]:
    """The route of MEDIA_URL when files are on disk; none when they are on S3."""
    on_disk = settings.STORAGES["default"]["BACKEND"].endswith("FileSystemStorage")
    return [re_path(r"^media/(?P<path>.+)$", stored_file, name="stored_file")] if on_disk else []

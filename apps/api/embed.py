"""The script with which another site embeds comments: a file of its own at a constant URL."""

import hashlib
import re
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.utils.http import quote_etag
from django.views.decorators.http import condition, require_safe

_FILE = Path(__file__).parent / "scripts" / "commentaires.js"
# Minified: without comment lines, indentation, and line breaks at braces.
SOURCE = re.sub(
    r"^\s*/\*.*?\*/\s*$|^\s+|(?<=\{)\n|\n\s*(?=\})", "", _FILE.read_text(), flags=re.MULTILINE | re.DOTALL
).encode()
ETAG = quote_etag(hashlib.sha256(SOURCE).hexdigest()[:32])


@require_safe
@condition(etag_func=lambda request: ETAG)
def script(request: HttpRequest) -> HttpResponse:
    return HttpResponse(
        SOURCE,
        content_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "public, max-age=3600", "Cross-Origin-Resource-Policy": "cross-origin"},
    )

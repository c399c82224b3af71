import os
from collections.abc import Callable, Iterable

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

from webmarket import tracing

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmarket.settings")


def without_false_charset(handler: Callable) -> Callable:
    """Replaces a content type whose charset names no text codec (`hex`, `rot13`, an unknown one).

    Django decodes the query string with it while it builds the request, before any middleware could refuse it.
    """

    def application(environ: dict, start_response: Callable) -> Iterable[bytes]:
        charset = parse_header_parameters(environ.get("CONTENT_TYPE", ""))[1].get("charset")
        if charset:
            try:
                "".encode(charset)
            except (LookupError, ValueError):
                environ["CONTENT_TYPE"] = "application/octet-stream"
        return handler(environ, start_response)

    return application


application = without_false_charset(get_wsgi_application())
tracing.start(release=settings.RELEASE, environment=settings.OPERATIONS["environment"])

from collections.abc import Callable

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

# Unfold renders its menus with Alpine, which evaluates attributes as code, and writes its colours into a <style>.
# Scripts stay limited to our own files: 'unsafe-inline' is for styles alone.
#
# 'unsafe-eval' cannot go yet. Alpine's build for strict policies (https://alpinejs.dev/advanced/csp) is another file
# than Unfold's and takes no statements and no globals in attributes; Unfold's templates write such in eleven (`if (…)`,
# `window`, several statements). To serve it means to keep copies of those templates. Until then markup that gets into a
# page unescaped is code, even without a <script>.
ADMIN_POLICY = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}


class AdminContentSecurityPolicy:
    """Sets the content security policy of the admin, which its theme needs. Stands below ContentPolicy."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.prefix = reverse("admin:index")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info.startswith(self.prefix):
            response._csp_update = {**ADMIN_POLICY, **_uploads()}
        return response


def _uploads() -> dict[str, list[str]]:
    """Origin of the bucket that pictures are uploaded to, if there is one."""
    return {"connect-src": [SELF, settings.UPLOADS_ORIGIN]} if settings.UPLOADS_ORIGIN else {}

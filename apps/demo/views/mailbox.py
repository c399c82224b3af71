from collections.abc import Callable
from functools import wraps
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from apps.accounts.lockout import client_ip
from apps.demo.mailbox import Mail, find, newest
from apps.storefront.http import personal

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def team_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open on localhost, elsewhere for staff alone: these e-mails give access to accounts."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        here = urlsplit(settings.SITE_URL).hostname in LOOPBACK and client_ip(request) in LOOPBACK
        if not (here or request.user.is_staff):
            raise Http404
        return personal(view)(request, *args, **kwargs)

    return wrapped


@require_safe
@team_only
def mailbox(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/mailbox/list.html", {"mails": newest(_folder())})


@require_safe
@team_only
def mail(request: HttpRequest, key: str) -> HttpResponse:
    return render(request, "demo/mailbox/mail.html", {"mail": _find(key)})


@require_safe
@team_only
@xframe_options_sameorigin
@csp(
    {
        "default-src": [NONE],
        "style-src": [UNSAFE_INLINE],
        "base-uri": [NONE],
        "frame-ancestors": [SELF],
        "sandbox": ["allow-top-navigation-by-user-activation"],
    }
)
def mail_html(request: HttpRequest, key: str) -> HttpResponse:
    """The HTML part, sandboxed: no scripts, no requests; links leave the frame."""
    return render(request, "demo/mailbox/mail_part.html", {"html": _find(key).html})


def _folder() -> Path:
    return Path(getattr(settings, "EMAIL_FILE_PATH", None) or settings.VAR_DIR / "mail")


def _find(key: str) -> Mail:
    found = find(_folder(), key)
    if found is None:
        raise Http404
    return found

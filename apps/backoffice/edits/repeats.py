"""One page submitted twice: a double click, a reload, Back and the same button again."""

import hashlib
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from apps.common.insert import insert_new
from apps.common.models import UsedToken

PAGE_RETENTION = timedelta(minutes=10)
_TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - a field's name


class SentTwice(Exception):
    """The same page has been saved already."""


def page_sent(request: HttpRequest) -> str:
    """Hash of the submitted page; empty where it cannot be told from another.

    Django masks its CSRF token anew in each page, so that an equal token is the same page.
    """
    if request.method != "POST" or not request.POST.get(_TOKEN) or "_popup" in request.POST:
        return ""
    fields = sorted((name, values) for name, values in request.POST.lists())
    files = sorted((name, file.name, file.size) for name, found in request.FILES.lists() for file in found)
    contents = repr((request.user.pk, request.get_full_path(), fields, files))
    return hashlib.sha256(f"page sent {contents}".encode()).hexdigest()


def is_saved(page: str) -> bool:
    return bool(page) and UsedToken.objects.filter(pk=page, expires_at__gt=timezone.now()).exists()


def saved(page: str) -> None:
    """Within the transaction of the save. Of two at once the second waits here for the first, and raises SentTwice."""
    if page and not insert_new(UsedToken(token_hash=page, used_by="", expires_at=timezone.now() + PAGE_RETENTION)):
        raise SentTwice

"""The fields of a refused POST, for a page that offers to send them again."""

import re

from django.http import HttpRequest

# Never written into a page: must be typed again.
SECRET = re.compile(r"pass|secret|token|otp|captcha|altcha|card|instrument|cvc", re.IGNORECASE)
# Fields that are not typed by people.
MACHINERY = {"next", "_selected_action", "action", "index", "select_across"}


def sent_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """(name, value) of every field that may be written into a page."""
    return [(name, value) for name, values in request.POST.lists() if not SECRET.search(name) for value in values]


def has_typed(request: HttpRequest) -> bool:
    """Whether something would be lost: a file or a field that a person has filled in."""
    return bool(request.FILES) or any(value.strip() for name, value in sent_fields(request) if name not in MACHINERY)


def sent_files(request: HttpRequest) -> list[str]:
    return [file.name for _name, files in request.FILES.lists() for file in files if file.name]

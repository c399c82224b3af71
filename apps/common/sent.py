"""What a form sent, for a page that gives it back."""

import re

from django.http import HttpRequest

# Asked for again, never written into a page.
SECRET = re.compile(r"pass|secret|token|otp|captcha|altcha|card|instrument|cvc", re.IGNORECASE)
# What a page carries beside what is typed into it.
MACHINERY = {"next", "_selected_action", "action", "index", "select_across"}


def sent_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Every field that may be written into a page."""
    return [(name, value) for name, values in request.POST.lists() if not SECRET.search(name) for value in values]


def has_typed(request: HttpRequest) -> bool:
    """Whether somebody would have to type again, rather than press a button."""
    return bool(request.FILES) or any(value.strip() for name, value in sent_fields(request) if name not in MACHINERY)


def sent_files(request: HttpRequest) -> list[str]:
    return [file.name for _name, files in request.FILES.lists() for file in files if file.name]

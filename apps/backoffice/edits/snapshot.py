"""Signed snapshot of the values that a page displayed."""

from typing import Any

from django import forms
from django.core import signing

NAME = "seen"
_SALT = "backoffice.edits"


def seal(values: dict[str, Any], *, what: str) -> str:
    """`what` names the record: another record's snapshot is not accepted."""
    return signing.dumps(values, salt=f"{_SALT}:{what}", compress=True)


def unseal(text: str | None, *, what: str) -> dict[str, Any] | None:
    """None when there is none, or its signature is wrong: then nothing is known of what the page displayed."""
    try:
        values = signing.loads(text or "", salt=f"{_SALT}:{what}")
    except signing.BadSignature:
        return None
    return values if isinstance(values, dict) else None


class SnapshotField(forms.CharField):
    """Carried by the form, never saved."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False

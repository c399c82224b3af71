"""What a page showed, signed, so that it comes back as it went out."""

from typing import Any

from django import forms
from django.core import signing

NAME = "seen"
_SALT = "backoffice.edits"


def seal(values: dict[str, Any], *, what: str) -> str:
    """`what` names the record: the snapshot of another is none."""
    return signing.dumps(values, salt=f"{_SALT}:{what}", compress=True)


def unseal(text: str | None, *, what: str) -> dict[str, Any] | None:
    """None when there is none, or it is not ours: then nobody knows what the page showed."""
    try:
        values = signing.loads(text or "", salt=f"{_SALT}:{what}")
    except signing.BadSignature:
        return None
    return values if isinstance(values, dict) else None


class SnapshotField(forms.CharField):
    """Carried by the form and of no consequence to the record."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False

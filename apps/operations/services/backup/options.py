"""Options that several operations on backups have."""

from django import forms
from django.utils.translation import gettext_lazy


def unsigned_field() -> forms.BooleanField:
    """For a terminal alone: who says so answers for where the backup comes from."""
    return forms.BooleanField(
        label=gettext_lazy("Non signée"),
        required=False,
        help_text=gettext_lazy("accepte aussi ce qu’une version d’avant les signatures a sauvegardé"),
    )

"""Options that several operations on backups have."""

from django import forms
from django.utils.translation import gettext_lazy

from apps.operations.runs.definition import Options


def unsigned_field() -> forms.BooleanField:
    """For a terminal alone: who says so answers for where the backup comes from."""
    return forms.BooleanField(
        label=gettext_lazy("Non signée"),
        required=False,
        help_text=gettext_lazy("accepte aussi ce qu’une version d’avant les signatures a sauvegardé"),
    )


class RetentionOptions(Options):
    """What `cleanup` keeps, whatever else it keeps."""

    only_in_terminal = ("unsigned",)

    days = forms.IntegerField(
        label=gettext_lazy("Jours"),
        min_value=1,
        max_value=3650,
        initial=7,
        help_text=gettext_lazy("garde les plus récents"),
    )
    weeks = forms.IntegerField(
        label=gettext_lazy("Semaines"),
        min_value=0,
        max_value=520,
        initial=4,
        help_text=gettext_lazy("garde le dernier de chacune, celle-ci comprise"),
    )
    months = forms.IntegerField(
        label=gettext_lazy("Mois"),
        min_value=0,
        max_value=120,
        initial=3,
        help_text=gettext_lazy("garde le dernier de chacun, celui-ci compris"),
    )
    unsigned = unsigned_field()

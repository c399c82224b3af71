"""The form of an operation's options in the admin."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from apps.operations.runs.definition import Operation

WIDGETS: list[tuple[type[forms.Field], type[forms.Widget]]] = [
    (forms.BooleanField, UnfoldBooleanWidget),
    (forms.ChoiceField, UnfoldAdminSelectWidget),
    (forms.IntegerField, UnfoldAdminIntegerFieldWidget),
    (forms.CharField, UnfoldAdminTextInputWidget),
]


def start_form(operation: Operation, data: Mapping[str, Any] | None) -> Any:
    class StartForm(operation.options):  # type: ignore[name-defined]
        dry_run = forms.BooleanField(
            label=_("Essai"), required=False, initial=True, help_text=_("Dit ce qui serait fait, sans rien changer.")
        )

        def clean(self) -> Any:
            cleaned = super().clean()
            self.clean_in_page()
            return cleaned

        def given(self) -> dict[str, Any]:
            """Keyword arguments of the operation's task: plain values."""
            return {name: self.cleaned_data[name] for name in operation.options.base_fields if name in self.fields}

    form = StartForm(data)
    for name in operation.options.only_in_terminal:
        del form.fields[name]
    for field in form.fields.values():
        for kind, widget in WIDGETS:
            if isinstance(field, kind):
                field_widget = widget()
                if isinstance(field, forms.ChoiceField):
                    field_widget.choices = field.choices  # type: ignore[attr-defined]
                field.widget = field_widget
                break
    return form

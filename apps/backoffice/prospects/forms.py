from typing import Any
from uuid import uuid4

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.common.errors import DomainError
from apps.common.typed import TypedForm
from apps.prospects.fields import EDITABLE, FIELDS, MAX_TEXT, Kind
from apps.prospects.models import Note, Prospect, Stage
from apps.prospects.services import check_file
from apps.prospects.services.mentions import team


class DateInput(UnfoldAdminTextInputWidget):
    input_type = "date"

    def format_value(self, value: Any) -> str:
        return value.isoformat() if hasattr(value, "isoformat") else value or ""


_WIDGETS = {
    Kind.LINE: UnfoldAdminTextInputWidget,
    Kind.TEXT: UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    Kind.EMAIL: UnfoldAdminEmailInputWidget,
    Kind.PHONE: UnfoldAdminTextInputWidget(attrs={"type": "tel"}),
    Kind.DATE: DateInput,
    Kind.COLLEAGUE: UnfoldAdminSelectWidget,
}
_TEXTS = [name for name, field in FIELDS.items() if field.kind is Kind.TEXT]


class CardForm(TypedForm, forms.ModelForm):
    """The editable fields of a card. The displayed values go along with each field, so that only changed fields are
    saved, and typed values survive a colleague's change."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    class Meta:
        model = Prospect
        fields = EDITABLE
        widgets = {name: _WIDGETS[field.kind] for name, field in FIELDS.items()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in _TEXTS:
            self.fields[name].validators.append(MaxLengthValidator(MAX_TEXT))
        assignee = self.fields["assignee"]
        assignee.queryset = team() | assignee.queryset.filter(pk=self.instance.assignee_id).distinct()
        assignee.label_from_instance = lambda user: user.get_full_name() or user.email
        assignee.empty_label = _("Personne")
        self.initial["version"] = self.instance.version
        for name in EDITABLE:
            self.fields[name].show_hidden_initial = True

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        return given | {name: _lines(given[name]) for name in _TEXTS if name in given}

    def rendered_value(self, name: str) -> Any:
        """The value of a field that the page displayed."""
        value = self.fields[name].to_python(self.data.get(self[name].html_initial_name, ""))
        return _lines(value) if name in _TEXTS else value

    def _post_clean(self) -> None:
        """The instance stays as it is in the database: the service changes the card."""

    @property
    def touched(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.changed_data if name in EDITABLE}


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Nouvelle note"),
        max_length=Note.MAX_TEXT,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "data-mentions": ""}),
    )
    key = forms.CharField(max_length=64, widget=forms.HiddenInput, initial=lambda: f"note-{uuid4()}")


class FileForm(forms.Form):
    file = forms.FileField(label=_("Ajouter un fichier"), widget=UnfoldAdminFileFieldWidget)

    def clean_file(self) -> Any:
        try:
            check_file(self.cleaned_data["file"])
        except DomainError as error:
            raise forms.ValidationError(error.message) from error
        return self.cleaned_data["file"]


class MoveForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    stage = forms.ModelChoiceField(
        label=_("Déplacer vers"), queryset=Stage.objects.visible(), empty_label=None, widget=UnfoldAdminSelectWidget
    )
    reason = forms.CharField(label=_("Motif"), max_length=300, required=False, widget=UnfoldAdminTextInputWidget)


def _lines(text: str) -> str:
    """Browsers send a line break as two characters."""
    return text.replace("\r\n", "\n")

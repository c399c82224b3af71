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
from apps.prospects.models import Note, Prospect, Stage
from apps.prospects.services import EDITABLE, check_file
from apps.prospects.services.mentions import team


class DateInput(UnfoldAdminTextInputWidget):
    input_type = "date"

    def format_value(self, value: Any) -> str:
        return value.isoformat() if hasattr(value, "isoformat") else value or ""


class CardForm(TypedForm, forms.ModelForm):
    """What may be changed on a card. What was shown goes along with each field, so that only what somebody touched is
    changed, and what they typed survives a colleague's change."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    class Meta:
        model = Prospect
        fields = EDITABLE
        widgets = {
            "first_name": UnfoldAdminTextInputWidget,
            "last_name": UnfoldAdminTextInputWidget,
            "email": UnfoldAdminEmailInputWidget,
            "phone": UnfoldAdminTextInputWidget(attrs={"type": "tel"}),
            "company": UnfoldAdminTextInputWidget,
            "source": UnfoldAdminTextInputWidget,
            "message": UnfoldAdminTextareaWidget(attrs={"rows": 4}),
            "assignee": UnfoldAdminSelectWidget,
            "next_action": UnfoldAdminTextInputWidget,
            "next_action_date": DateInput,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["message"].validators.append(MaxLengthValidator(5000))
        assignee = self.fields["assignee"]
        assignee.queryset = team() | assignee.queryset.filter(pk=self.instance.assignee_id).distinct()
        assignee.label_from_instance = lambda user: user.get_full_name() or user.email
        assignee.empty_label = _("Personne")
        self.initial["version"] = self.instance.version
        for name in EDITABLE:
            self.fields[name].show_hidden_initial = True

    def clean_message(self) -> str:
        return _lines(self.cleaned_data["message"])

    def shown_before(self, name: str) -> Any:
        """What the page showed in a field before somebody typed."""
        value = self.fields[name].to_python(self.data.get(self[name].html_initial_name, ""))
        return _lines(value) if name == "message" else value

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
        label=_("Déplacer vers"), queryset=Stage.objects.shown(), empty_label=None, widget=UnfoldAdminSelectWidget
    )
    reason = forms.CharField(label=_("Motif"), max_length=300, required=False, widget=UnfoldAdminTextInputWidget)


def _lines(text: str) -> str:
    """Browsers send a line's end as two characters."""
    return text.replace("\r\n", "\n")

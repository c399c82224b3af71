import re

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Address, User


def clean_french_postcode(value: str) -> str:
    """Five digits, however they were spaced."""
    postcode = re.sub(r"\s", "", value)
    if not re.fullmatch(r"\d{5}", postcode):
        raise ValidationError(_("Un code postal français a cinq chiffres, par exemple 69002."), code="postcode")
    return postcode


def clean_phone(value: str) -> str:
    """Digits with an optional + in front; spaces, dots and dashes between them are fine."""
    phone = value.strip()
    if phone and not re.fullmatch(r"\+?[\d\s.()\-]{6,28}", phone):
        raise ValidationError(_("Écrivez le numéro en chiffres, par exemple 06 12 34 56 78."), code="phone")
    return phone


class ProfileForm(forms.ModelForm):
    language = forms.ChoiceField(
        label=_("Langue de nos e-mails"), choices=lambda: settings.LANGUAGES, widget=forms.RadioSelect
    )

    class Meta:
        model = User
        fields = ["first_name", "last_name", "phone", "language"]
        widgets = {
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "type": "tel", "inputmode": "tel"}),
        }

    def clean_phone(self) -> str:
        return clean_phone(self.cleaned_data["phone"])


class AddressForm(forms.ModelForm):
    class Meta:
        model = Address
        fields = ["label", "recipient", "company", "line1", "line2", "postcode", "city", "phone", "is_default"]
        labels = {"recipient": _("Prénom et nom"), "is_default": _("Utiliser d’habitude cette adresse")}
        help_texts = {"label": _("Par exemple « Maison » ou « Bureau ».")}
        widgets = {
            "recipient": forms.TextInput(attrs={"autocomplete": "name"}),
            "company": forms.TextInput(attrs={"autocomplete": "organization"}),
            "line1": forms.TextInput(attrs={"autocomplete": "address-line1"}),
            "line2": forms.TextInput(attrs={"autocomplete": "address-line2"}),
            "postcode": forms.TextInput(attrs={"autocomplete": "postal-code", "inputmode": "numeric"}),
            "city": forms.TextInput(attrs={"autocomplete": "address-level2"}),
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "type": "tel", "inputmode": "tel"}),
        }

    def clean_postcode(self) -> str:
        return clean_french_postcode(self.cleaned_data["postcode"])

    def clean_phone(self) -> str:
        return clean_phone(self.cleaned_data["phone"])


class ErasureForm(forms.Form):
    """The password again: an unlocked screen is not enough to lose an account."""

    password = forms.CharField(
        label=_("Votre mot de passe"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    understood = forms.BooleanField(label=_("J’ai compris que mon compte ne pourra pas être rétabli."))

    def __init__(self, *args, user: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise ValidationError(_("Ce n’est pas votre mot de passe. Réessayez."), code="password")
        return password

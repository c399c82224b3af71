from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.common.fields import EmailFormField
from apps.common.typed import TypedForm


class FirstAccountForm(TypedForm, forms.Form):
    first_name = forms.CharField(
        label=_("Prénom"), max_length=80, required=False, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    email = EmailFormField(
        label=_("Adresse e-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password1 = forms.CharField(
        label=_("Mot de passe"),
        strip=False,
        max_length=128,
        help_text=_("Au moins 12 caractères ; une phrase se retient bien."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("Le même, encore une fois"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        password = cleaned.get("password1")
        if password and cleaned.get("password2") and password != cleaned["password2"]:
            self.add_error("password2", _("Les deux mots de passe diffèrent."))
        if password:
            try:
                validate_password(
                    password, User(email=cleaned.get("email", ""), first_name=cleaned.get("first_name", ""))
                )
            except ValidationError as error:
                self.add_error("password1", error)
        return cleaned

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Address, User
from apps.common.typed import TypedForm
from apps.shop.identity import current
from apps.storefront.forms.address import AddressFields, phone_field


def _languages() -> list[tuple[str, str]]:
    return [(code, name) for code, name in settings.LANGUAGES if code in current().languages]


class ProfileForm(TypedForm, forms.ModelForm):
    phone = phone_field()
    language = forms.ChoiceField(label=_("Langue de nos e-mails"), choices=_languages, widget=forms.RadioSelect)

    class Meta:
        model = User
        fields = ["first_name", "last_name", "phone", "language"]
        widgets = {
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
        }


class AddressForm(AddressFields, forms.ModelForm):
    class Meta:
        model = Address
        fields = ["label", "recipient", "company", "line1", "line2", "postcode", "city", "phone", "is_default"]
        labels = {"is_default": _("Utiliser d’habitude cette adresse")}
        help_texts = {"label": _("Par exemple « Maison » ou « Bureau ».")}

    field_order = Meta.fields


class ErasureForm(forms.Form):
    """Asks for the password, so that an unlocked screen is not enough to erase an account."""

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

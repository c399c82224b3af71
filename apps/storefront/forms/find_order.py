from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.fields import EmailFormField
from apps.common.typed import TypedForm
from apps.orders.services import typed_number


class FindOrderForm(TypedForm, forms.Form):
    number = forms.CharField(
        label=gettext_lazy("Numéro de commande"),
        max_length=120,
        help_text=gettext_lazy("Huit lettres et chiffres, par exemple WM-7K3Q-9F2M."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    email = EmailFormField(
        label=gettext_lazy("Adresse e-mail de la commande"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_number(self) -> str:
        number = typed_number(self.cleaned_data["number"])
        if not number:
            raise forms.ValidationError(
                _("Ce n’est pas un numéro de commande : il a huit lettres ou chiffres, comme WM-7K3Q-9F2M.")
            )
        return number

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.fields import EmailFormField
from apps.common.typed import TypedForm
from apps.orders.services import typed_number
from apps.shop.identity import current


def _example() -> str:
    return f"{current().order_prefix}-7K3Q-9F2M"


class FindOrderForm(TypedForm, forms.Form):
    number = forms.CharField(
        label=gettext_lazy("Numéro de commande"),
        max_length=120,
        help_text=lazy(lambda: _("Huit lettres et chiffres, par exemple %(number)s.") % {"number": _example()}, str)(),
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
                _("Ce n’est pas un numéro de commande : il a huit lettres ou chiffres, comme %(number)s.")
                % {"number": _example()}
            )
        return number

from django import forms
from django.core.validators import MaxLengthValidator, ProhibitNullCharactersValidator
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.common.fields import EmailFormField
from apps.common.typed import TypedForm
from apps.shop.identity import current


class ContactForm(TypedForm, forms.Form):
    name = forms.CharField(label=_("Votre nom"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = EmailFormField(
        label=_("Votre adresse e-mail"),
        max_length=254,
        help_text=_("Nous y répondons, et n’en faisons rien d’autre."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    order_number = forms.CharField(
        label=_("Numéro de commande"),
        required=False,
        max_length=20,
        help_text=lazy(
            lambda: (
                gettext("Si votre message concerne une commande : %(prefix)s-…") % {"prefix": current().order_prefix}
            ),
            str,
        )(),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    message = forms.CharField(
        label=_("Votre message"),
        widget=forms.Textarea(attrs={"rows": 8}),
        validators=[
            MaxLengthValidator(5000, _("Le message est trop long : 5000 caractères au plus.")),
            ProhibitNullCharactersValidator(),
        ],
    )
    # Hidden from people, filled in by robots.
    website = forms.CharField(
        label=_("Laissez ce champ vide"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    @property
    def is_from_a_robot(self) -> bool:
        return bool(self.cleaned_data["website"])

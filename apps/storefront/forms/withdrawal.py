from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.aftersales.offer import OfferedLine
from apps.common.fields import EmailFormField
from apps.common.typed import TypedForm


class WithdrawalForm(TypedForm, forms.Form):
    """The declaration: who, from what, and where the acknowledgement goes. No reason is asked (art. L221-18).

    `cleaned_data["pieces"]`: order line id → quantity.
    """

    # Made with the page, so that a form sent twice declares once.
    key = forms.UUIDField(widget=forms.HiddenInput)
    everything = forms.BooleanField(
        label=gettext_lazy("Je renonce à tous les produits qui peuvent être rendus"), required=False
    )
    name = forms.CharField(
        label=gettext_lazy("Votre nom"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = EmailFormField(
        label=gettext_lazy("Adresse e-mail"),
        max_length=254,
        help_text=gettext_lazy("Nous y envoyons tout de suite l’accusé de réception."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args: Any, offered: Sequence[OfferedLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = [each for each in offered if each.left]
        self.excepted = [each for each in offered if each.is_excepted]
        for each in self.offered:
            field = forms.IntegerField(
                label=_label(each),
                min_value=0,
                max_value=each.left,
                required=False,
                help_text=_hint(each),
                widget=forms.NumberInput(attrs={"inputmode": "numeric", "placeholder": "0"}),
            )
            # Left empty it is none: « facultatif » would say too little.
            field.conditional = True
            self.fields[_name(each)] = field

    @property
    def quantities(self) -> list[forms.BoundField]:
        return [self[_name(each)] for each in self.offered]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        pieces = {
            each.line.pk: each.left if cleaned.get("everything") else cleaned.get(_name(each)) or 0
            for each in self.offered
        }
        cleaned["pieces"] = {pk: count for pk, count in pieces.items() if count}
        if not cleaned["pieces"] and not any(_name(each) in self.errors for each in self.offered):
            self.add_error(None, _("Indiquez au moins un produit auquel vous renoncez."))
        return cleaned

    def chosen(self) -> list[tuple[OfferedLine, int]]:
        """Of a valid form."""
        pieces = self.cleaned_data["pieces"]
        return [(each, pieces[each.line.pk]) for each in self.offered if each.line.pk in pieces]

    def sent(self) -> list[tuple[str, Any]]:
        """The fields as they were sent, for the page that asks to confirm them."""
        return [(name, self[name].value()) for name in self.fields if self[name].value() not in (None, False, "")]


def _name(each: OfferedLine) -> str:
    return f"quantity_{each.line.pk}"


def _label(each: OfferedLine) -> str:
    line = each.line
    return f"{line.product_name} ({line.variant_label})" if line.variant_label else line.product_name


def _hint(each: OfferedLine) -> str:
    """Of numbers and sentences of ours alone: a hint is not escaped."""
    most = _("Combien de pièces rendez-vous ? %(left)s au plus.") % {"left": each.left}
    if not each.is_sealed:
        return most
    sealed = _("Vous pouvez le rendre tant que le scellé est intact.")
    return f"{most} {each.line.withdrawal_notice}. {sealed}"

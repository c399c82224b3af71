from django import forms
from django.utils.translation import gettext_lazy as _

from apps.basket.models import MAX_QUANTITY

BIGGEST_ID = 2**63 - 1


class QuantityField(forms.IntegerField):
    def __init__(self, *, least: int) -> None:
        sentence = _("Indiquez une quantité entre 1 et 999, en chiffres.")
        super().__init__(
            min_value=least,
            max_value=MAX_QUANTITY,
            label=_("Quantité"),
            error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), sentence),
        )


class AddForm(forms.Form):
    sku = forms.CharField(max_length=80, error_messages={"required": _("Choisissez un produit.")})
    quantity = QuantityField(least=1)


class LineForm(forms.Form):
    """`to` comes from a button and overrides the quantity in the field."""

    line = forms.IntegerField(min_value=1, max_value=BIGGEST_ID)
    quantity = QuantityField(least=0)

    def __init__(self, data) -> None:
        data = data.copy()
        if data.get("to"):
            data["quantity"] = data["to"]
        super().__init__(data)

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminIntegerFieldWidget

from apps.catalogue.models import Variant
from apps.common.money import ZERO


class VariantForm(forms.ModelForm):
    """One row of the product screen. Price and stock are typed here and written through the ledgers, by services."""

    amount = forms.DecimalField(
        label=_("prix TTC (€)"), min_value=ZERO, max_digits=10, decimal_places=2, widget=UnfoldAdminDecimalFieldWidget
    )
    counted = forms.IntegerField(
        label=_("en stock"), min_value=0, max_value=10_000_000, initial=0, widget=UnfoldAdminIntegerFieldWidget
    )

    class Meta:
        model = Variant
        fields = ["sku", "ean13", "option1_fr", "option2_fr", "option3_fr", "weight_g", "is_active", "position"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["amount"] = self.instance.price
            self.initial["counted"] = self.instance.stock.on_hand

    def clean_ean13(self) -> str | None:
        return self.cleaned_data["ean13"] or None

    # A product has up to a hundred variants: rows nobody touched are not checked against the database again.
    def validate_unique(self) -> None:
        if self.has_changed():
            super().validate_unique()

    def validate_constraints(self) -> None:
        if self.has_changed():
            super().validate_constraints()

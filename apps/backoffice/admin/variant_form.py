from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminIntegerFieldWidget

from apps.backoffice.admin.typed_over import TypedOverForm
from apps.catalogue.models import Variant
from apps.common.money import ZERO, format_euros


def reserved_sentence(reserved: int) -> str:
    return ngettext(
        "%(reserved)s pièce est promise à une commande : annulez-la d’abord, ou comptez de nouveau.",
        "%(reserved)s pièces sont promises à des commandes : annulez-en d’abord, ou comptez de nouveau.",
        reserved,
    ) % {"reserved": reserved}


class VariantForm(TypedOverForm):
    """A variant's row of the product screen. Price and stock are written through the ledgers, by services."""

    amount = forms.DecimalField(
        label=_("prix TTC (€)"),
        min_value=ZERO,
        max_digits=10,
        decimal_places=2,
        show_hidden_initial=True,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    counted = forms.IntegerField(
        label=_("en stock"),
        min_value=0,
        max_value=10_000_000,
        initial=0,
        show_hidden_initial=True,
        widget=UnfoldAdminIntegerFieldWidget,
    )

    class Meta:
        model = Variant
        fields = [
            *("sku", "ean13", "option1_fr", "option2_fr", "option3_fr", "content_quantity", "content_unit", "weight_g"),
            *("is_active", "position"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["amount"] = self.instance.price
            self.initial["counted"] = self.instance.stock.on_hand

    def clean_ean13(self) -> str | None:
        return self.cleaned_data["ean13"] or None

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.instance.pk:
            stock, price = self.instance.stock, self.initial["amount"]
            self.refuse_if_moved(
                "counted",
                _("Le stock a changé pendant votre saisie : il est de %(now)s. Vérifiez, puis enregistrez.")
                % {"now": stock.on_hand},
            )
            self.refuse_if_moved(
                "amount",
                _("Le prix a changé pendant votre saisie : il est de %(now)s. Vérifiez, puis enregistrez.")
                % {"now": format_euros(price)},
            )
            if "counted" in self.changed_data and self.cleaned_data.get("counted", stock.reserved) < stock.reserved:
                self.add_error("counted", reserved_sentence(stock.reserved))
        if self.cleaned_data.get("content_quantity") and not self.cleaned_data.get("content_unit"):
            self.add_error("content_unit", _("Indiquez l’unité du contenu : le prix au kilo ou au litre en dépend."))
        return cleaned

    # A product has up to a hundred variants: rows nobody touched are not checked against the database again.
    def validate_unique(self) -> None:
        if self.has_changed():
            super().validate_unique()

    def validate_constraints(self) -> None:
        if self.has_changed():
            super().validate_constraints()

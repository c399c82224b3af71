"""Recipient and postal address: fields, rules and sentences that the checkout and the address book share."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.basket.models import CheckoutDetails
from apps.common.typed import TypedForm, is_french_postcode, is_phone


def column(name: str) -> int:
    """The maximum length of the column of CheckoutDetails with this name."""
    return CheckoutDetails._meta.get_field(name).max_length


def text(label: str, name: str, *, autocomplete: str, missing: str = "", **attributes: str) -> forms.CharField:
    """A one-line text of the column's length; without a sentence for `missing` it is optional."""
    return forms.CharField(
        label=label,
        max_length=column(name),
        required=bool(missing),
        error_messages={"required": missing} if missing else None,
        widget=forms.TextInput({"autocomplete": autocomplete, **attributes}),
    )


def check_postcode(postcode: str) -> None:
    if not (postcode.isascii() and postcode.isdigit() and len(postcode) == 5):
        raise ValidationError(_("Un code postal français a cinq chiffres, par exemple 69002."), code="postcode")
    if not is_french_postcode(postcode):
        raise ValidationError(_("Ce code postal n’existe pas en France. Vérifiez-le."), code="postcode")


def check_phone(phone: str) -> None:
    if not is_phone(phone):
        raise ValidationError(_("Vérifiez le numéro de téléphone, par exemple 06 12 34 56 78."), code="phone")


def phone_field(hint: str = "") -> forms.CharField:
    field = text(_("Téléphone"), "phone", autocomplete="tel", type="tel", inputmode="tel")
    field.help_text = hint
    field.validators.append(check_phone)
    return field


def postcode_field() -> forms.CharField:
    field = text(
        _("Code postal"),
        "postcode",
        autocomplete="postal-code",
        missing=_("Indiquez le code postal."),
        inputmode="numeric",
    )
    field.validators.append(check_postcode)
    return field


class AddressFields(TypedForm, forms.Form):
    recipient = text(
        _("Prénom et nom"), "recipient", autocomplete="name", missing=_("Indiquez le prénom et le nom du destinataire.")
    )
    company = text(_("Société"), "company", autocomplete="organization")
    line1 = text(_("Numéro et rue"), "line1", autocomplete="address-line1", missing=_("Indiquez le numéro et la rue."))
    line2 = text(_("Complément : étage, code, bâtiment"), "line2", autocomplete="address-line2")
    postcode = postcode_field()
    city = text(_("Ville"), "city", autocomplete="address-level2", missing=_("Indiquez la ville."))
    phone = phone_field(_("Pour vous joindre au sujet de la livraison ou du retrait."))

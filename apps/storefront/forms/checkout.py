from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Address, User
from apps.basket.models import CheckoutDetails
from apps.basket.services.details import Details
from apps.common.fields import EmailFormField
from apps.common.typed import is_mainland_postcode
from apps.delivery.models import PickupPoint
from apps.delivery.services import Quote
from apps.payments import gateways
from apps.storefront.forms.address import AddressFields, column

COUNTRY = "FR"

ADDRESS = ("line1", "postcode", "city")
WHOLE_ADDRESS = (*ADDRESS, "line2")


class ContactForm(AddressFields):
    """Contact and address: what every order needs, whatever its delivery."""

    email = EmailFormField(
        label=_("Adresse e-mail"),
        max_length=column("email"),
        help_text=_("Pour la confirmation et le suivi de votre commande, rien d’autre."),
        error_messages={
            "required": _("Indiquez votre adresse e-mail : la confirmation y est envoyée."),
            "invalid": _("Vérifiez l’adresse e-mail : elle s’écrit nom@exemple.fr."),
        },
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email", "autocapitalize": "none"}),
    )

    field_order = ["email"]

    # Shown with some choices only, and required there: none is labelled « facultatif ».
    conditional: tuple[str, ...] = ADDRESS

    def require_address(self, *, to_home: bool) -> None:
        """An order that is collected needs no address: it is not asked for (RGPD, art. 5.1.c)."""
        self.to_home = to_home
        for name in self.conditional:
            self.fields[name].conditional = True  # type: ignore[attr-defined]
        for name in ADDRESS:
            self.fields[name].required = to_home

    def unasked(self) -> tuple[str, ...]:
        """Fields that the page hides with the choices made; their values are ignored."""
        return () if self.to_home else WHOLE_ADDRESS

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        for name in self.unasked():
            self.errors.pop(name, None)
            cleaned.pop(name, None)
        postcode = cleaned.get("postcode", "")
        if self.to_home and postcode and not is_mainland_postcode(postcode):
            self.add_error("postcode", _("Nous livrons à domicile en France métropolitaine seulement."))
        return cleaned


class DetailsForm(ContactForm):
    """The whole details page. What was typed is saved in CheckoutDetails even when it is invalid."""

    delivery_method = forms.ChoiceField(
        label=_("Mode de livraison"),
        error_messages={
            "required": _("Choisissez un mode de livraison."),
            "invalid_choice": _("Ce mode de livraison n’est pas proposé pour ce panier. Choisissez-en un autre."),
        },
    )
    pickup_point = forms.ChoiceField(
        label=_("Point relais"),
        required=False,
        error_messages={"invalid_choice": _("Ce point relais n’est plus proposé. Choisissez-en un autre.")},
    )
    payment_method = forms.ChoiceField(
        label=_("Moyen de paiement"),
        error_messages={
            "required": _("Choisissez un moyen de paiement."),
            "invalid_choice": _("Ce moyen de paiement n’est pas proposé. Choisissez-en un autre."),
        },
    )

    conditional = (*ADDRESS, "pickup_point")

    def __init__(self, *args, quotes: Sequence[Quote], points: Sequence[PickupPoint], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.quotes = {quote.method.code: quote for quote in quotes}
        self.gateways = gateways.usable()
        relays = {quote.method.pk for quote in quotes if quote.method.destination.needs_pickup_point}
        self.points = {point.code: point for point in points if point.method_id in relays}
        self.fields["delivery_method"].choices = [(code, quote.method.name) for code, quote in self.quotes.items()]
        self.fields["pickup_point"].choices = [("", _("Choisissez un point relais"))] + [
            (code, described(point)) for code, point in self.points.items()
        ]
        self.fields["payment_method"].choices = [(code, gateway.name) for code, gateway in self.gateways.items()]
        self.require_address(to_home=not self.chosen or self.chosen.method.destination.needs_address)

    @property
    def chosen(self) -> Quote | None:
        return self.quotes.get(self["delivery_method"].value() or "")

    def unasked(self) -> tuple[str, ...]:
        wanted = self.chosen is not None and self.chosen.method.destination.needs_pickup_point
        return super().unasked() if wanted else (*super().unasked(), "pickup_point")

    def clean(self) -> dict:
        cleaned = super().clean()
        method = self.chosen.method if self.chosen else None
        if method and method.destination.needs_pickup_point and "pickup_point" in cleaned:
            point = self.points.get(cleaned["pickup_point"])
            if point is None or point.method_id != method.pk:
                self.add_error("pickup_point", _("Choisissez le point relais où vous retirerez votre commande."))
        payment = self.gateways.get(cleaned.get("payment_method", ""))
        if method and payment and not payment.offered_for(method.kind):
            self.add_error(
                "payment_method", _("Ce moyen de paiement ne va pas avec ce mode de livraison. Choisissez-en un autre.")
            )
        return cleaned

    def typed(self) -> Details:
        """The cleaned values; invalid ones as they were typed, cut to the length of their columns."""
        right = {} if self.errors is None else self.cleaned_data
        values = {name: right.get(name, str(self[name].value() or "").strip())[: column(name)] for name in self.fields}
        return Details(**values, country=COUNTRY)


def described(point: PickupPoint) -> str:
    hours = f" ({point.hours})" if point.hours else ""
    return f"{point.postcode} {point.city}, {point.name}, {point.line1}{hours}"


def saved_details(details: CheckoutDetails) -> dict[str, str]:
    return {name: getattr(details, name) for name in DetailsForm.base_fields}


def from_customer(user: User, address: Address | None) -> dict[str, str]:
    """Initial values from the account and an entry of its address book."""
    initial = {"email": user.email, "recipient": user.get_full_name(), "phone": user.phone}
    if address:
        names = ("recipient", "company", "line1", "line2", "postcode", "city")
        initial |= {name: getattr(address, name) for name in names} | {"phone": address.phone or user.phone}
    return initial


def is_usable(details: CheckoutDetails, *, to_home: bool) -> bool:
    """Whether saved details pass the form's checks: they are saved as typed, right or wrong."""
    form = ContactForm(saved_details(details))
    form.require_address(to_home=to_home)
    return form.is_valid()

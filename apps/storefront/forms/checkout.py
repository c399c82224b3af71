from collections.abc import Sequence

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Address, User
from apps.basket.models import CheckoutDetails
from apps.basket.services.details import Details
from apps.common.fields import EmailFormField
from apps.delivery.models import DeliveryMethod, PickupPoint
from apps.delivery.services import Quote
from apps.payments import gateways

# Overseas territories have postcodes of their own, which the delivery prices do not cover.
OVERSEAS = ("97", "98")
COUNTRY = "FR"


def _column(name: str) -> int:
    return CheckoutDetails._meta.get_field(name).max_length


def _text(label: str, column: str, *, autocomplete: str, missing: str = "", **attributes: str) -> forms.CharField:
    """A one-line text of the column's length; without a sentence for `missing` it is optional."""
    return forms.CharField(
        label=label,
        max_length=_column(column),
        required=bool(missing),
        error_messages={"required": missing} if missing else None,
        widget=forms.TextInput({"autocomplete": autocomplete, **attributes}),
    )


ADDRESS = ("line1", "postcode", "city")


class PostcodeField(forms.CharField):
    """« 69 002 » is what many people write."""

    def to_python(self, value: object) -> str:
        return super().to_python(value).replace(" ", "")


class ContactForm(forms.Form):
    """Who and where: what every order needs, whatever its delivery."""

    email = EmailFormField(
        label=_("Adresse e-mail"),
        max_length=_column("email"),
        help_text=_("Pour la confirmation et le suivi de votre commande, rien d’autre."),
        error_messages={
            "required": _("Indiquez votre adresse e-mail : la confirmation y est envoyée."),
            "invalid": _("Vérifiez l’adresse e-mail : elle s’écrit nom@exemple.fr."),
        },
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email", "autocapitalize": "none"}),
    )
    recipient = _text(
        _("Prénom et nom"), "recipient", autocomplete="name", missing=_("Indiquez le prénom et le nom du destinataire.")
    )
    company = _text(_("Société"), "company", autocomplete="organization")
    line1 = _text(_("Numéro et rue"), "line1", autocomplete="address-line1", missing=_("Indiquez le numéro et la rue."))
    line2 = _text(_("Complément : étage, code, bâtiment"), "line2", autocomplete="address-line2")
    postcode = PostcodeField(
        label=_("Code postal"),
        max_length=_column("postcode"),
        validators=[RegexValidator(r"^[0-9]{5}\Z", _("Un code postal français a cinq chiffres."))],
        error_messages={"required": _("Indiquez le code postal.")},
        widget=forms.TextInput({"autocomplete": "postal-code", "inputmode": "numeric"}),
    )
    city = _text(_("Ville"), "city", autocomplete="address-level2", missing=_("Indiquez la ville."))
    phone = forms.CharField(
        label=_("Téléphone"),
        max_length=_column("phone"),
        required=False,
        help_text=_("Pour que le livreur puisse vous joindre."),
        validators=[RegexValidator(r"^\+?[0-9 .()-]{6,}\Z", _("Vérifiez le numéro de téléphone."))],
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )

    def require_address(self, *, to_home: bool) -> None:
        """Nobody brings a parcel to the address of who collects it: it is not asked for (RGPD, art. 5.1.c)."""
        self.to_home = to_home
        for name in ADDRESS:
            self.fields[name].required = to_home

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        if self.to_home and cleaned.get("postcode", "").startswith(OVERSEAS):
            self.add_error("postcode", _("Nous livrons à domicile en France métropolitaine seulement."))
        return cleaned


class DetailsForm(ContactForm):
    """The whole details page. What was typed is kept in CheckoutDetails even when it has to be put right."""

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

    def __init__(self, *args, quotes: Sequence[Quote], points: Sequence[PickupPoint], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.quotes = {quote.method.code: quote for quote in quotes}
        self.gateways = gateways.usable()
        self.points = {point.code: point for point in points}
        self.fields["delivery_method"].choices = [(code, quote.method.name) for code, quote in self.quotes.items()]
        self.fields["pickup_point"].choices = [("", _("Choisissez un point relais"))] + [
            (point.code, f"{point.postcode} {point.city}, {point.name}, {point.line1}") for point in points
        ]
        self.fields["payment_method"].choices = [(code, gateway.name) for code, gateway in self.gateways.items()]
        self.require_address(to_home=not self.chosen or self.chosen.method.kind == DeliveryMethod.Kind.HOME)

    @property
    def chosen(self) -> Quote | None:
        return self.quotes.get(self["delivery_method"].value() or "")

    def clean(self) -> dict:
        cleaned = super().clean()
        kind = self.chosen.method.kind if self.chosen else ""
        if kind == DeliveryMethod.Kind.PICKUP_POINT and "pickup_point" in cleaned:
            point = self.points.get(cleaned["pickup_point"])
            if point is None or point.method_id != self.chosen.method.pk:
                self.add_error("pickup_point", _("Choisissez le point relais où vous retirerez votre commande."))
        payment = self.gateways.get(cleaned.get("payment_method", ""))
        if kind and payment and not payment.offered_for(kind):
            self.add_error(
                "payment_method", _("Ce moyen de paiement ne va pas avec ce mode de livraison. Choisissez-en un autre.")
            )
        return cleaned

    def typed(self) -> Details:
        """The fields as they were typed, no longer than their columns."""
        kept = {name: str(self[name].value() or "").strip()[: _column(name)] for name in self.fields}
        return Details(**kept, country=COUNTRY)


def remembered(details: CheckoutDetails) -> dict[str, str]:
    return {name: getattr(details, name) for name in DetailsForm.base_fields}


def from_customer(user: User, address: Address | None) -> dict[str, str]:
    """What a customer need not type again."""
    known = {"email": user.email, "recipient": user.get_full_name(), "phone": user.phone}
    if address:
        names = ("recipient", "company", "line1", "line2", "postcode", "city")
        known |= {name: getattr(address, name) for name in names} | {"phone": address.phone or user.phone}
    return known


def is_usable(details: CheckoutDetails, *, to_home: bool) -> bool:
    """Kept details may be wrong (they are kept as typed): an order needs a real e-mail address and postcode."""
    form = ContactForm(remembered(details))
    form.require_address(to_home=to_home)
    return form.is_valid()

"""The summary that the shopper checks before ordering."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _

from apps.basket.models import Basket, CheckoutDetails
from apps.basket.services import LoadedBasket, LoadedLine, details_of, load
from apps.common.money import ZERO, VatAmount, vat_included, vat_per_rate
from apps.delivery.models import PickupPoint
from apps.delivery.services import Quote, quotes
from apps.payments import gateways
from apps.payments.gateways.base import Gateway

POSTAL_FIELDS = ("recipient", "line1", "postcode", "city")


@dataclass(frozen=True)
class Summary:
    """The basket with its delivery and payment, priced at one moment.

    `delivery`, `pickup_point` (the shop's counter for a collection) and `payment` are the shopper's choices that are
    still offered, else None. `missing`: field of CheckoutDetails that is left to fill in → sentence.
    """

    loaded: LoadedBasket
    details: CheckoutDetails | None
    quotes: tuple[Quote, ...]
    delivery: Quote | None
    pickup_point: PickupPoint | None
    payments: tuple[Gateway, ...]
    payment: Gateway | None
    missing: dict[str, str]

    @property
    def lines(self) -> tuple[LoadedLine, ...]:
        return self.loaded.lines

    @property
    def items_total(self) -> Decimal:
        return self.loaded.items_total

    @property
    def delivery_price(self) -> Decimal:
        return self.delivery.price if self.delivery else ZERO

    @property
    def total(self) -> Decimal:
        return self.items_total + self.delivery_price

    @cached_property
    def vat(self) -> list[VatAmount]:
        """VAT per rate, highest first."""
        lines = [(line.vat_rate, line.total, vat_included(gross=line.total, rate=line.vat_rate)) for line in self.lines]
        return vat_per_rate(lines, delivery=self.delivery_price)

    @property
    def vat_total(self) -> Decimal:
        return sum((amount.vat for amount in self.vat), ZERO)

    @property
    def complete(self) -> bool:
        return not self.missing and self.loaded.orderable

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of what the shopper agrees to: pieces, prices, VAT, withdrawal, delivery, payment, total."""
        agreed = [
            [
                [line.variant.pk, line.quantity, str(line.unit_price), str(line.vat_rate), line.withdrawal_exception]
                for line in self.lines
            ],
            [self.delivery.method.code, str(self.delivery.price)] if self.delivery else None,
            self.pickup_point.code if self.pickup_point else None,
            self.payment.code if self.payment else None,
            str(self.total),
        ]
        return hashlib.sha256(json.dumps(agreed).encode()).hexdigest()


def summarise(*, basket: Basket, now: datetime, pictures: bool = True) -> Summary:
    """Price the basket with what was filled in so far. The number of queries does not depend on the lines."""
    loaded = load(basket, pictures=pictures)
    details = details_of(basket)
    offered = tuple(quotes(weight_g=loaded.weight_g, goods_total=loaded.items_total, now=now))
    chosen = details.delivery_method if details else ""
    delivery = next((quote for quote in offered if quote.method.code == chosen), None)
    kind = delivery.method.kind if delivery else ""
    point = _pickup_point(details, delivery) if details and delivery else None
    payments = tuple(gateways.offered(delivery_kind=kind)) if delivery else ()
    wanted = details.payment_method if details else ""
    payment = next((gateway for gateway in payments if gateway.code == wanted), None)
    return Summary(
        loaded=loaded,
        details=details,
        quotes=offered,
        delivery=delivery,
        pickup_point=point,
        payments=payments,
        payment=payment,
        missing=_missing(details, delivery, point, payment),
    )


def _pickup_point(details: CheckoutDetails, delivery: Quote) -> PickupPoint | None:
    """The chosen pick-up point; for a collection the shop's counter, if there is a row for it."""
    if delivery.method.destination.needs_address:
        return None
    points = PickupPoint.objects.filter(method=delivery.method, is_active=True)
    if delivery.method.destination.needs_pickup_point:
        points = points.filter(code=details.pickup_point)
    return points.first()


def _missing(
    details: CheckoutDetails | None, delivery: Quote | None, point: PickupPoint | None, payment: Gateway | None
) -> dict[str, str]:
    """Field → sentence. The postal address is required for delivery to it only, the recipient's name always."""
    missing = {}
    if not details or not details.email:
        missing["email"] = _("Indiquez votre adresse e-mail.")
    to_home = delivery is not None and delivery.method.destination.needs_address
    sentences = {
        "recipient": _("Indiquez le nom du destinataire."),
        "line1": _("Indiquez l’adresse de livraison."),
        "postcode": _("Indiquez le code postal."),
        "city": _("Indiquez la ville."),
    }
    for name in POSTAL_FIELDS if to_home else ("recipient",):
        if not details or not getattr(details, name).strip():
            missing[name] = sentences[name]
    if delivery is None:
        missing["delivery_method"] = _("Choisissez un mode de livraison.")
    elif delivery.method.destination.needs_pickup_point and point is None:
        missing["pickup_point"] = _("Choisissez un point relais.")
    if payment is None:
        missing["payment_method"] = _("Choisissez un moyen de paiement.")
    return missing

from datetime import datetime
from typing import TypedDict, Unpack

from django.db import transaction

from apps.basket.models import Basket, CheckoutDetails
from apps.basket.services.lines import accept_prices


class Details(TypedDict, total=False):
    email: str
    phone: str
    recipient: str
    company: str
    line1: str
    line2: str
    postcode: str
    city: str
    country: str
    delivery_method: str
    pickup_point: str
    payment_method: str


def save_details(*, basket: Basket, now: datetime, **details: Unpack[Details]) -> CheckoutDetails:
    """Save what was typed so far; fields not given stay as they are. Current prices count as seen (`accept_prices`).

    Locks the basket's row first, so that two tabs do not both insert the details.
    """
    with transaction.atomic(durable=True):
        Basket.objects.open().filter(pk=basket.pk).update(updated_at=now)
        accept_prices(basket=basket)
        saved = CheckoutDetails.objects.filter(basket=basket).first() or CheckoutDetails(basket=basket)
        for name, value in details.items():
            setattr(saved, name, value)
        saved.save(force_insert=saved._state.adding)
        return saved

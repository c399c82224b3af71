from datetime import datetime
from typing import TypedDict, Unpack

from django.db import transaction

from apps.basket.models import Basket, CheckoutDetails
from apps.basket.services.lines import accept_prices
from apps.common.insert import insert
from apps.common.prepared import Prepared


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
        saved = details_of(basket) or CheckoutDetails(basket=basket)
        for name, value in details.items():
            setattr(saved, name, value)
        if saved._state.adding:
            insert(saved)
        else:
            saved.save()
        return saved


_DETAILS = Prepared(lambda basket: CheckoutDetails.objects.filter(basket=basket))


def details_of(basket: Basket) -> CheckoutDetails | None:
    """What was typed so far. One query."""
    return next(iter(_DETAILS.instances(basket.pk)), None)

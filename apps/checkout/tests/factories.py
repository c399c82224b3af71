"""Baskets ready to be ordered, and orders placed from them."""

from django.utils import timezone

from apps.basket.models import Basket
from apps.basket.tests.factories import BasketFactory, CheckoutDetailsFactory
from apps.catalogue.models import Variant
from apps.catalogue.tests.factories import VariantFactory
from apps.checkout import services
from apps.delivery.models import DeliveryMethod
from apps.delivery.tests.factories import DeliveryMethodFactory, InStoreFactory


def ready_basket(*lines: tuple[Variant, int], payment: str = "bank_transfer", method=None, **details) -> Basket:
    """A guest's basket with everything filled in; one piece of a new variant unless told otherwise."""
    basket = BasketFactory(lines=lines or [(VariantFactory(), 1)])
    if method is None:
        kind = DeliveryMethod.Kind.IN_STORE if payment == "on_collection" else DeliveryMethod.Kind.HOME
        factory = InStoreFactory if payment == "on_collection" else DeliveryMethodFactory
        method = DeliveryMethod.objects.filter(kind=kind).first() or factory()
    CheckoutDetailsFactory(basket=basket, method=method, payment_method=payment, **details)
    return basket


def order_now(basket: Basket, *, now=None, user=None, language="fr", **changes) -> services.PlacedOrder:
    """Read the summary and order exactly that."""
    now = now or timezone.now()
    if "fingerprint" not in changes:
        changes["fingerprint"] = services.summarise(basket=basket, now=now).fingerprint
    values = {"terms_version": "2026-11", "language": language, "user": user, "now": now}
    return services.place_order(basket=basket, **(values | changes))


def placed_order(*lines, payment: str = "bank_transfer", **details):
    return order_now(ready_basket(*lines, payment=payment, **details))

"""The means of payment that PAYMENT_GATEWAYS names: a module each. Everything else asks them, and knows no code."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from apps.delivery.models import DeliveryMethod
from apps.payments.gateways.base import Gateway, ProviderBooks


def registered() -> dict[str, Gateway]:
    """Gateways by code, in the order shoppers see them."""
    return {gateway.code: gateway for gateway in map(_load, settings.PAYMENT_GATEWAYS)}


def offered(*, delivery_kind: str) -> list[Gateway]:
    return [gateway for gateway in registered().values() if gateway.offered_for(delivery_kind)]


def usable() -> dict[str, Gateway]:
    """Those that some delivery is offered: a bank transfer needs the shop's account."""
    return {
        code: gateway for code, gateway in registered().items() if any(map(gateway.offered_for, DeliveryMethod.Kind))
    }


def with_books() -> dict[str, ProviderBooks]:
    """Those whose provider keeps books of its own, by code."""
    return {code: gateway for code, gateway in registered().items() if isinstance(gateway, ProviderBooks)}


def get(code: str) -> Gateway | None:
    """None for a gateway that is no longer installed."""
    return registered().get(code)


@cache
def _load(path: str) -> Gateway:
    gateway: Gateway = import_string(path)()
    return gateway

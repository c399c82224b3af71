"""The means of payment the shop offers. A real card provider becomes one more module here."""

from django.conf import settings

from apps.delivery.models import DeliveryMethod
from apps.payments.gateways.bank_transfer import BankTransfer
from apps.payments.gateways.base import Gateway
from apps.payments.gateways.demo_card import DemoCard
from apps.payments.gateways.on_collection import OnCollection


def registered() -> dict[str, Gateway]:
    """Gateways by code, in the order shoppers see them. The demonstration card exists only where DEMO is true."""
    gateways: list[Gateway] = [DemoCard()] if settings.DEMO else []
    gateways += [BankTransfer(), OnCollection()]
    return {gateway.code: gateway for gateway in gateways}


def offered(*, delivery_kind: str) -> list[Gateway]:
    return [gateway for gateway in registered().values() if gateway.offered_for(delivery_kind)]


def usable() -> dict[str, Gateway]:
    """Those that some delivery is offered: a bank transfer needs the shop's account."""
    return {
        code: gateway for code, gateway in registered().items() if any(map(gateway.offered_for, DeliveryMethod.Kind))
    }


def get(code: str) -> Gateway | None:
    """None for a gateway that is no longer installed."""
    return registered().get(code)

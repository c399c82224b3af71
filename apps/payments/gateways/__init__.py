"""The means of payment the shop offers. A real card provider becomes one more module here."""

from django.conf import settings

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


def get(code: str) -> Gateway | None:
    """None for a gateway that is no longer installed."""
    return registered().get(code)

"""The shop with a bank of tests beside the usual means of payment."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from apps.payments.gateways.stripe import client
from apps.payments.tests.banks import Bank, ByMail, HostedPage
from apps.payments.tests.stripe_api import PUBLISHABLE_KEY, SECRET_KEY, WEBHOOK_SECRET, StripeApi, serving


@pytest.fixture
def with_bank(settings) -> Callable[[type[HostedPage | ByMail]], Bank]:
    """`with_bank(Card)` offers that gateway; the answer is its bank, with empty books."""

    def offer(gateway: type[HostedPage | ByMail]) -> Bank:
        gateway.bank = Bank()
        settings.PAYMENT_GATEWAYS = [f"{gateway.__module__}.{gateway.__qualname__}", *settings.PAYMENT_GATEWAYS]
        return gateway.bank

    return offer


@pytest.fixture
def with_stripe(settings, monkeypatch) -> Iterator[StripeApi]:
    """The shop with Stripe, and its account at the stand-in."""
    api = StripeApi()
    settings.STRIPE = replace(
        settings.STRIPE, secret=SECRET_KEY, publishable=PUBLISHABLE_KEY, webhook_secret=WEBHOOK_SECRET
    )
    settings.PAYMENT_GATEWAYS = ["apps.payments.gateways.stripe.Stripe", *settings.PAYMENT_GATEWAYS]
    with serving(api) as origin:
        monkeypatch.setattr(client, "API", origin)
        yield api

"""The shop with a bank of tests beside the usual means of payment."""

from collections.abc import Callable

import pytest

from apps.payments.tests.banks import Bank, ByMail, HostedPage


@pytest.fixture
def with_bank(settings) -> Callable[[type[HostedPage | ByMail]], Bank]:
    """`with_bank(Card)` offers that gateway; the answer is its bank, with empty books."""

    def offer(gateway: type[HostedPage | ByMail]) -> Bank:
        gateway.bank = Bank()
        settings.PAYMENT_GATEWAYS = [f"{gateway.__module__}.{gateway.__qualname__}", *settings.PAYMENT_GATEWAYS]
        return gateway.bank

    return offer

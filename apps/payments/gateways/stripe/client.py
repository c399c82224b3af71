"""The connection to Stripe's API, and what its errors mean to the shop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import structlog
from django.conf import settings

from apps.payments.gateways.base import GatewayError

if TYPE_CHECKING:
    from stripe import StripeClient

logger = structlog.get_logger(__name__)

# Requests, answers and messages have this version's shape, whatever the account's default is.
API_VERSION = "2026-10-28.endive"
# Another in tests alone.
API = "https://api.stripe.com"
# Seconds to connect and to read: a shopper waits for it.
TIMEOUT = (3.05, 12)


def client() -> StripeClient:
    return _client(settings.STRIPE.secret, API)


@cache
def _client(secret: str, api: str) -> StripeClient:
    import stripe

    return stripe.StripeClient(
        secret,
        stripe_version=API_VERSION,
        # Repeats have the idempotency key of the first.
        max_network_retries=1,
        http_client=stripe.RequestsClient(timeout=TIMEOUT),
        base_addresses={"api": api},
    )


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Turns whatever leaves the result unknown into GatewayError: no answer, an error of Stripe's, a key that it does
    not take. A clear refusal (CardError, IdempotencyError, InvalidRequestError) goes through."""
    import stripe

    try:
        yield
    except (stripe.CardError, stripe.IdempotencyError, stripe.InvalidRequestError):
        raise
    except stripe.StripeError as error:
        # With a wrong or restricted key nothing can be paid at all.
        refused = isinstance(error, stripe.AuthenticationError | stripe.PermissionError)
        log = logger.error if refused else logger.warning
        log("stripe_failed", what=what, error=type(error).__name__, code=error.code, request_id=error.request_id)
        raise GatewayError(what) from error

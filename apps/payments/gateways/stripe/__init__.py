"""Stripe: cards, wallets, SEPA debits and what else the account switches on.

Each attempt is either a session of Checkout, Stripe's own page, or, where the shopper filled in Stripe's form on our
page, a PaymentIntent. Our key is the idempotency key of whichever is asked for first: Stripe lets it make one object
and no second one, of whatever sort. Cards are only authorised; `capture` takes the money.

The package `stripe` is imported by the first call: web processes that make none do without its 35 MB.
"""

from apps.payments.gateways.stripe.gateway import Stripe

__all__ = ["Stripe"]

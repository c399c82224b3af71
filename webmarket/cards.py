"""Keys of the provider of card payments, which the environment alone holds."""

from dataclasses import dataclass, field

from environ import Env


@dataclass(frozen=True)
class StripeKeys:
    """Empty where cards are not paid through Stripe; half a set stops the start (apps/payments/checks.py)."""

    secret: str = field(repr=False)
    publishable: str
    webhook_secret: str = field(repr=False)


def keys(env: Env) -> StripeKeys:
    return StripeKeys(
        secret=env.str("STRIPE_SECRET_KEY", default="").strip(),
        publishable=env.str("STRIPE_PUBLISHABLE_KEY", default="").strip(),
        webhook_secret=env.str("STRIPE_WEBHOOK_SECRET", default="").strip(),
    )

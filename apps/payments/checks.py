import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from apps.payments import gateways

# Beginnings of Stripe's keys (docs.stripe.com/keys); what follows is the mode, test or live.
SECRET, PUBLISHABLE, WEBHOOK = re.compile(r"(?:sk|rk)_(test|live)_\w+"), re.compile(r"pk_(test|live)_\w+"), "whsec_"


@register("payments")
def hosted_pages_are_named(**_kwargs: Any) -> list[CheckMessage]:
    """A browser drops, without a word to the shopper, a form whose answer leads to a page that no policy names."""
    remote = [each for each in gateways.registered().values() if each.is_remote and not each.needs_instrument]
    away = [each.code for each in remote if not each.page_policy.get("form-action")]
    if not away or settings.PAYMENT_ORIGINS:
        return []
    return [
        Error(
            f"Paid on a page of the provider's own, but PAYMENT_ORIGINS names none: {', '.join(away)}.",
            hint="Set PAYMENT_ORIGINS to the origins of those pages, https://pay.example.",
            id="payments.E001",
        )
    ]


@register("payments")
def keys_of_stripe_are_whole(**_kwargs: Any) -> list[CheckMessage]:
    """Half a set takes orders that cannot be paid, or money that the shop never hears of."""
    keys = settings.STRIPE
    if not (keys.secret or keys.publishable or keys.webhook_secret):
        return []
    secret, publishable = SECRET.fullmatch(keys.secret), PUBLISHABLE.fullmatch(keys.publishable)
    wrong = [
        variable
        for variable, is_right in (
            ("STRIPE_SECRET_KEY", secret),
            ("STRIPE_PUBLISHABLE_KEY", publishable),
            ("STRIPE_WEBHOOK_SECRET", keys.webhook_secret.startswith(WEBHOOK)),
        )
        if not is_right
    ]
    if wrong or not secret or not publishable:
        return [
            Error(
                f"Stripe has half its keys, or keys in each other's place: {', '.join(wrong)}.",
                hint="Set all three or none; .env.example says how each begins.",
                id="payments.E002",
            )
        ]
    if secret[1] != publishable[1]:
        return [
            Error(
                f"STRIPE_SECRET_KEY is of the {secret[1]} mode, STRIPE_PUBLISHABLE_KEY of the {publishable[1]} mode.",
                hint="Take both from the same mode of Stripe's dashboard.",
                id="payments.E003",
            )
        ]
    if secret[1] == "live" and settings.DEMO:
        return [Error("A demonstration has live keys of Stripe: it would charge cards.", id="payments.E004")]
    return [*_doubtful(keys.secret, mode=secret[1])]


@register("payments")
def card_capture_is_one_of_two(**_kwargs: Any) -> list[CheckMessage]:
    if settings.CARD_CAPTURE in ("order", "dispatch"):
        return []
    return [Error(f"CARD_CAPTURE is {settings.CARD_CAPTURE!r}: it is « order » or « dispatch ».", id="payments.E005")]


def _doubtful(secret: str, *, mode: str) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if mode == "test" and not settings.DEMO:
        found.append(Warning("The shop's keys of Stripe are test keys: no order is really paid.", id="payments.W001"))
    if mode == "live" and secret.startswith("sk_"):
        found.append(
            Warning(
                "STRIPE_SECRET_KEY may do everything with the account.",
                hint="Make a restricted key (rk_live_…) with the rights that docs/payments.md lists.",
                id="payments.W002",
            )
        )
    return found

"""Tells people from machines. A port with providers; the shop's own proof of work is the default.

A token is good once, for one request (apps.common.used). Providers are named in settings.CAPTCHA_PROVIDERS; the first
that recognises a token judges it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache as remember
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from apps.common import used

MAX_TOKEN = 4096
# Longer than any provider's token is good for.
USED_KEPT = timedelta(hours=1)


class CaptchaUnavailable(Exception):
    """The provider did not answer: nobody can tell. The form is taken all the same, marked unverified."""


@dataclass(frozen=True)
class Verdict:
    success: bool
    score: float | None = None
    """0 (a machine) to 1 (a person), from providers that give one."""
    identity: str = ""
    """What is the same for every way to write the same token."""


class Provider(Protocol):
    def recognises(self, token: str) -> bool: ...

    def verify(self, *, token: str, address: str, now: datetime) -> Verdict:
        """Raises CaptchaUnavailable."""
        ...


def verify(*, token: str, address: str, now: datetime, by: str = "") -> Verdict:
    """Judge a token and use it up: the same one fails from then on, except for the same request (`by`) once more.

    Raises CaptchaUnavailable and leaves it unused.
    """
    if not token or len(token) > MAX_TOKEN:
        return Verdict(False)
    for path in settings.CAPTCHA_PROVIDERS:
        provider = _provider(path)
        if provider.recognises(token):
            verdict = provider.verify(token=token, address=address, now=now)
            if verdict.success and not use_up(verdict.identity or token, by=by, now=now):
                return Verdict(False)
            return verdict
    return Verdict(False)


@remember
def _provider(path: str) -> Provider:
    found: Provider = import_string(path)()
    return found


def use_up(identity: str, *, by: str, now: datetime) -> bool:
    return used.use_up(identity, now=now, kept=USED_KEPT, by=by)

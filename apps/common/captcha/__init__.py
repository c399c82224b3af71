"""Tells people from machines. A port with providers; the shop's own proof of work is the default.

A token is good once. Providers are named in settings.CAPTCHA_PROVIDERS; the first that recognises a token judges it.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache as remember
from typing import Protocol

from django.conf import settings
from django.core.cache import cache
from django.utils.module_loading import import_string

MAX_TOKEN = 4096
# Longer than any provider's token is good for.
USED_SECONDS = 3600


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


def verify(*, token: str, address: str, now: datetime) -> Verdict:
    """Judge a token and use it up: the same one fails from then on. Raises CaptchaUnavailable and leaves it unused."""
    if not token or len(token) > MAX_TOKEN:
        return Verdict(False)
    for path in settings.CAPTCHA_PROVIDERS:
        provider = _provider(path)
        if provider.recognises(token):
            verdict = provider.verify(token=token, address=address, now=now)
            if verdict.success and not _first_use(verdict.identity or token):
                return Verdict(False)
            return verdict
    return Verdict(False)


@remember
def _provider(path: str) -> Provider:
    found: Provider = import_string(path)()
    return found


def _first_use(identity: str) -> bool:
    key = f"captcha-used:{hashlib.sha256(identity.encode()).hexdigest()}"
    return bool(cache.add(key, True, timeout=USED_SECONDS))

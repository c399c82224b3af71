"""Captchas: an interface with several providers; the shop's own proof of work (altcha.py) is the default.

A token is valid once, for one request (apps.common.used). The first provider of settings.CAPTCHA_PROVIDERS that
recognises a token verifies it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache as remember
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from apps.common import used

MAX_TOKEN = 4096
# Longer than any provider's token is valid.
USED_TOKEN_LIFETIME = timedelta(hours=1)


class CaptchaUnavailable(Exception):
    """The provider did not answer. Callers accept the form all the same, marked as unverified."""


@dataclass(frozen=True)
class Verdict:
    success: bool
    score: float | None = None
    """0 (a machine) to 1 (a person), from providers that give one."""
    identity: str = ""
    """The same for every encoding of one token, so that it is used up once; empty: the token itself."""


class Provider(Protocol):
    def recognises(self, token: str) -> bool: ...

    def verify(self, *, token: str, ip: str, now: datetime) -> Verdict:
        """Raises CaptchaUnavailable."""
        ...


def verify(*, token: str, ip: str, now: datetime, by: str = "") -> Verdict:
    """Verify a token and use it up: it fails from then on, except for a repeat of the same request (`by`).

    Raises CaptchaUnavailable, without using it up.
    """
    if not token or len(token) > MAX_TOKEN:
        return Verdict(False)
    for path in settings.CAPTCHA_PROVIDERS:
        provider = _provider(path)
        if provider.recognises(token):
            verdict = provider.verify(token=token, ip=ip, now=now)
            if verdict.success and not use_up(verdict.identity or token, by=by, now=now):
                return Verdict(False)
            return verdict
    return Verdict(False)


@remember
def _provider(path: str) -> Provider:
    found: Provider = import_string(path)()
    return found


def use_up(identity: str, *, by: str, now: datetime) -> bool:
    return used.use_up(identity, now=now, lifetime=USED_TOKEN_LIFETIME, by=by)

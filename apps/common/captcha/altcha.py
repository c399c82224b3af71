"""ALTCHA's proof of work (https://altcha.org/docs/), on our own server: no cookie, no third party.

The browser searches the number whose SHA-256 with the salt is the challenge. The salt contains the expiry date; our
HMAC over the challenge proves that we issued it.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from django.utils.crypto import constant_time_compare, salted_hmac

from apps.common.captcha import Verdict

ALGORITHM = "SHA-256"
# Takes some tenths of a second on a phone.
MAX_NUMBER = 100_000
VALIDITY = timedelta(minutes=10)


@dataclass(frozen=True)
class Challenge:
    algorithm: str
    challenge: str
    maxnumber: int
    salt: str
    signature: str


def new_challenge(*, now: datetime) -> Challenge:
    salt = f"{secrets.token_hex(12)}?expires={int((now + VALIDITY).timestamp())}&"
    challenge = _hash(salt, secrets.randbelow(MAX_NUMBER + 1))
    return Challenge(ALGORITHM, challenge, MAX_NUMBER, salt, _sign(challenge))


class Altcha:
    def recognises(self, token: str) -> bool:
        return _read(token) is not None

    def verify(self, *, token: str, ip: str, now: datetime) -> Verdict:
        given = _read(token)
        if given is None or given.get("algorithm") != ALGORITHM:
            return Verdict(False)
        salt, number = given.get("salt"), given.get("number")
        challenge, signature = given.get("challenge"), given.get("signature")
        if not (isinstance(salt, str) and isinstance(challenge, str) and isinstance(signature, str)):
            return Verdict(False)
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= MAX_NUMBER:
            return Verdict(False)
        expires = parse_qs(salt.partition("?")[2]).get("expires", [""])[0]
        if not (expires.isascii() and expires.isdigit()) or len(expires) > 12 or int(expires) < now.timestamp():
            return Verdict(False)
        solved = constant_time_compare(_hash(salt, number), challenge)
        ours = constant_time_compare(_sign(challenge), signature)
        return Verdict(solved and ours, identity=challenge)


def _read(token: str) -> dict[str, Any] | None:
    try:
        given = json.loads(base64.b64decode(token, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return given if isinstance(given, dict) and "challenge" in given else None


def _hash(salt: str, number: int) -> str:
    return hashlib.sha256(f"{salt}{number}".encode()).hexdigest()


def _sign(challenge: str) -> str:
    return salted_hmac("apps.common.captcha.altcha", challenge, algorithm="sha256").hexdigest()


def solve(challenge: Challenge) -> str:
    """The token for a solved challenge, for programs without a browser."""
    number = next(
        number
        for number in range(challenge.maxnumber + 1)
        if hmac.compare_digest(_hash(challenge.salt, number), challenge.challenge)
    )
    answer = {
        "algorithm": challenge.algorithm,
        "challenge": challenge.challenge,
        "number": number,
        "salt": challenge.salt,
        "signature": challenge.signature,
    }
    return base64.b64encode(json.dumps(answer).encode()).decode()

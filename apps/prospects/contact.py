"""Matching keys of a prospect: e-mail and telephone in normal form. Two cards with one key may be one person."""

import re

from apps.common.email_addresses import canonical_email
from apps.common.typed import split_extension, tidy_phone


def email_key(email: str) -> str:
    """The canonical e-mail without « +tag »."""
    name, _at, domain = canonical_email(email).rpartition("@")
    return f"{name.partition('+')[0] or name}@{domain}"


def phone_key(phone: str) -> str:
    """Digits in international form, French numbers from « 0… »; empty for what is too short for a number."""
    text = split_extension(tidy_phone(phone))[0].replace("(0)", "")
    digits = re.sub(r"[^0-9]", "", text)
    international = text.strip().startswith("+")
    if not international and digits.startswith("00"):
        digits, international = digits[2:], True
    if not international and digits.startswith("0"):
        digits = "33" + digits[1:]
    return digits if 8 <= len(digits) <= 15 else ""

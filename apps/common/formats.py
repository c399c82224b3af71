"""Localised formats of values other than money: hours, percentages, the company's capital."""

import re
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format

from apps.common.money import NARROW_SPACE, NO_BREAK_SPACE, format_whole_euros
from apps.common.translation import current_language

_EUROS = re.compile(r"(\d[\d\s.,]*?)\s*(?:€|euros?|EUR)", re.IGNORECASE)


def clock(at: datetime) -> str:
    """« 14 h 58 » in French, "2:58 pm" in English, in the shop's time zone."""
    local = timezone.localtime(at)
    if current_language() == "en":
        return f"{local.hour % 12 or 12}:{local:%M}{NO_BREAK_SPACE}{'am' if local.hour < 12 else 'pm'}"
    return f"{local.hour}{NO_BREAK_SPACE}h{NO_BREAK_SPACE}{local:%M}"


def day(value: date | datetime | None) -> str:
    """« 20 novembre 2026 », in the shop's time zone."""
    if value is None:
        return ""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return date_format(value, "j F Y").replace(" ", NO_BREAK_SPACE)


def percent(value: Decimal | int) -> str:
    """« 5,5 % » in French, "5.5%" in English."""
    text = f"{Decimal(value).normalize():f}"
    return f"{text}%" if current_language() == "en" else text.replace(".", ",") + NARROW_SPACE + "%"


def capital(text: str) -> str:
    """A company's capital, a setting such as « 10 000 € »; in English "€10,000". Other wordings are not changed."""
    found = _EUROS.fullmatch(text.strip())
    if found is None:
        return text
    whole = re.sub(r"[\s.,]", "", re.sub(r"[.,]\d{1,2}$", "", found.group(1)))
    return format_whole_euros(int(whole))

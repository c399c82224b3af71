"""How money is written in each of the shop's languages."""

from collections.abc import Callable
from decimal import Decimal

NBSP = "\u00a0"
NARROW_NBSP = "\u202f"


def euro_writer(language: str) -> Callable[[Decimal], str]:
    """« 1 234,50 € » in French, "€1,234.50" in English."""
    return _english if language == "en" else _french


def _english(amount: Decimal) -> str:
    text = f"{amount:,.2f}"
    return f"-€{text[1:]}" if text.startswith("-") else f"€{text}"


def _french(amount: Decimal) -> str:
    text = f"{amount:,.2f}"
    return text.replace(",", NARROW_NBSP).replace(".", ",").replace("-", "−") + NBSP + "€"

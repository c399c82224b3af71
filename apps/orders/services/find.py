"""Finds an order by number and e-mail, for a shopper who lost its link; the link is sent by e-mail, never shown."""

import re
import unicodedata

from apps.orders.models import Order
from apps.orders.models.order import NUMBER_ALPHABET
from apps.shop.identity import current

# Characters that Crockford's base 32 decodes alike.
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
FIRST_PREFIX = "WM"


def typed_number(text: str) -> str:
    """The order number in « wm 7k3q 9f2m », « 7K3Q9F2M », « Commande WM-7K3Q-9F2M »; empty when there is none.

    It begins with the prefix that was typed among the shop's, present or former; with the present one where none was.
    """
    prefixes = _prefixes()
    text = unicodedata.normalize("NFKC", text).upper()
    characters = re.sub(r"[^0-9A-Z]", "", text)
    prefix = next((each for each in prefixes if len(characters) == 8 + len(each) and characters.startswith(each)), "")
    characters = characters.removeprefix(prefix)
    if len(characters) != 8:
        # Within other text, such as the subject of an e-mail; its first four characters may be « WM… » too.
        within = re.compile(
            rf"(?:({'|'.join(prefixes)})\W*|(?<![0-9A-Z]))([0-9A-Z]{{4}})\W*([0-9A-Z]{{4}})(?![0-9A-Z])"
        )
        found = list(within.finditer(text))
        named = [match for match in found if match[1]] or found
        prefix, characters = (named[-1][1] or "", named[-1][2] + named[-1][3]) if named else ("", "")
    characters = characters.translate(MISREAD)
    if len(characters) != 8 or any(character not in NUMBER_ALPHABET for character in characters):
        return ""
    return f"{prefix or prefixes[0]}-{characters[:4]}-{characters[4:]}"


def find_order(*, number: str, email: str) -> Order | None:
    """The order with this number, if it was placed with this e-mail; with a former prefix where none was typed."""
    typed = typed_number(number)
    numbers = [f"{prefix}{typed[typed.index('-') :]}" for prefix in _prefixes()] if typed else []
    found = {order.number: order for order in Order.objects.filter(number__in=numbers, email=email, anonymised_at=None)}
    return found.get(typed) or next(iter(found.values()), None)


def _prefixes() -> list[str]:
    """The present one first, then the longest: « WMX » is not read as « WM »."""
    shop = current()
    former = {*shop.former_prefixes, FIRST_PREFIX} - {shop.order_prefix}
    return [shop.order_prefix, *sorted(former, key=len, reverse=True)]

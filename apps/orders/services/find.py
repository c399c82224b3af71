"""Finds an order by number and e-mail, for a shopper who lost its link; the link is sent by e-mail, never shown."""

import re
import unicodedata

from apps.orders.models import Order
from apps.orders.models.order import NUMBER_ALPHABET

# A number within other text, such as the subject of an e-mail; its first four characters may be « WM… » too.
IN_A_SENTENCE = re.compile(r"(?:WM\W*|(?<![0-9A-Z]))([0-9A-Z]{4})\W*([0-9A-Z]{4})(?![0-9A-Z])")
# Characters that Crockford's base 32 decodes alike.
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


def typed_number(text: str) -> str:
    """The order number in « wm 7k3q 9f2m », « 7K3Q9F2M », « Commande WM-7K3Q-9F2M »; empty when there is none."""
    text = unicodedata.normalize("NFKC", text).upper()
    characters = re.sub(r"[^0-9A-Z]", "", text)
    if len(characters) == 10:
        characters = characters.removeprefix("WM")
    if len(characters) != 8:
        found = list(IN_A_SENTENCE.finditer(text))
        named = [match for match in found if match[0].startswith("WM")] or found
        characters = "".join(named[-1].groups()) if named else ""
    characters = characters.translate(MISREAD)
    if len(characters) != 8 or any(character not in NUMBER_ALPHABET for character in characters):
        return ""
    return f"WM-{characters[:4]}-{characters[4:]}"


def find_order(*, number: str, email: str) -> Order | None:
    """The order with this number, if it was placed with this e-mail."""
    return Order.objects.filter(number=typed_number(number), email=email, anonymised_at=None).first()

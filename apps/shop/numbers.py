"""Check digits of the numbers that a French company is known by."""

import re

LA_POSTE = "356000000"
# Keys of VAT numbers with letters: digits and capitals without I and O.
_KEY = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def compact(text: str) -> str:
    """Without spaces, points and hyphens, in capitals: « FR 61 123 456 782 » → FR61123456782."""
    return re.sub(r"[\s.\-\u2010-\u2015]", "", text).upper()


def is_siren(digits: str) -> bool:
    """Nine digits whose last one is Luhn's check digit (https://www.insee.fr/fr/metadonnees/definition/c2047)."""
    return bool(re.fullmatch(r"[0-9]{9}", digits)) and _luhn(digits)


def is_siret(digits: str) -> bool:
    """A SIREN and five digits, Luhn over all fourteen. La Poste has more establishments than that leaves room for: the
    sum of the digits of theirs is a multiple of five."""
    if not re.fullmatch(r"[0-9]{14}", digits) or not is_siren(digits[:9]):
        return False
    return _luhn(digits) or (digits[:9] == LA_POSTE and sum(map(int, digits)) % 5 == 0)


def is_vat_number(text: str) -> bool:
    """A French intra-community VAT number: FR, a key of two characters, the SIREN (CGI annexe 2, art. 242 nonies A)."""
    if not re.fullmatch(rf"FR[{_KEY}]{{2}}[0-9]{{9}}", text) or not is_siren(text[4:]):
        return False
    key, siren = text[2:4], int(text[4:])
    if key.isdigit():
        return int(key) == (12 + 3 * (siren % 97)) % 97
    first, second = (_KEY.index(character) for character in key)
    check = first * 24 + second - 10 if key[0].isdigit() else first * 34 + second - 100
    return (siren + 1 + check // 11) % 11 == check % 11


def is_iban(text: str) -> bool:
    """Check digits of ISO 13616: letters as numbers, the first four characters last, remainder 1 by 97. A French IBAN
    has 27 characters."""
    iban = compact(text)
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", iban) or (iban.startswith("FR") and len(iban) != 27):
        return False
    return int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97 == 1


def is_bic(text: str) -> bool:
    """Eight or eleven characters (ISO 9362)."""
    return bool(re.fullmatch(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", text))


def in_groups(text: str, sizes: tuple[int, ...]) -> str:
    """Split for reading: « 123 456 782 »; what is left over is the last group."""
    groups, at = [], 0
    for size in sizes:
        groups.append(text[at : at + size])
        at += size
    return " ".join(group for group in (*groups, text[at:]) if group)


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0

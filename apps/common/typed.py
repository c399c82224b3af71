"""Normalisation of typed and pasted text before validation, for all forms and the API.

Contacts on telephones add direction marks (U+202A … U+202C) to a number, spreadsheets and word processors no-break
spaces and hyphens, web pages word joiners and zero-width spaces, games invisible fillers. People cannot see them, and
so cannot remove them.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms

from apps.common.email_addresses import canonical_email

# Part of a word when in its middle: Persian and Indic names, emoji of several people.
_JOINERS = "\u200c\u200d"
# Unicode's Default_Ignorable_Code_Point beyond the format characters: fillers, selectors of variants.
_VARIANTS = "".join(map(chr, range(0xFE00, 0xFE10)))
_JAMO_FILLERS = "\u115f\u1160"
_FILLERS = frozenset("\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065\u3164\uffa0" + _JAMO_FILLERS + _VARIANTS)
_BRAILLE_BLANK = "\u2800"
_ALLOWED_IN_LINES = _JOINERS + _VARIANTS + _JAMO_FILLERS
_HYPHENS = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_EXTENSION = re.compile(r"\s*[,;]?\s*(?:poste|ext(?:ension)?\.?|x|#)\s*[=:.]?\s*(\d{1,6})\s*$", re.IGNORECASE)
_PHONE = re.compile(r"\+?[0-9 ()./\-]+")
# Copied along with a number; below, separators between groups of its digits.
_PHONE_LABEL = re.compile(
    r"^(?:(?:t[ée]l(?:[ée]phone)?|phone|portable|port|mobile|mob|gsm|fixe)\b[\s.:]*|[☎✆☏📞📱][\s:]*)+", re.IGNORECASE
)
_GROUPING = re.compile(r"[,;_|·•‧∙⋅⁄∕]+")
_FEWEST_DIGITS, _MOST_DIGITS = 6, 17
"""E.164 has at most fifteen; two more are the « (0) » and the « 00 » that people write."""

# The départements of metropolitan France; Corsica's postcodes begin with 20, whatever its départements are called.
_MAINLAND = frozenset(f"{number:02}" for number in range(1, 96))
MONACO = "980"
# La Poste's prefixes of Guadeloupe … Mayotte, Polynésie, Wallis-et-Futuna, Nouvelle-Calédonie and the southern lands.
_OVERSEAS = frozenset({*(f"97{number}" for number in range(1, 9)), "984", "986", "987", "988"})


def _visible(text: str, *, keep: str = "") -> str:
    """Without invisible characters. Control characters stay: they are not pasted."""
    return "".join(
        character
        for character in text
        if character in keep or (character not in _FILLERS and unicodedata.category(character) != "Cf")
    ).replace(_BRAILLE_BLANK, " ")


def _ascii_digits(text: str) -> str:
    """Arabic, Devanagari and other decimal digits as ASCII ones."""
    return "".join(str(unicodedata.decimal(character)) if character.isdecimal() else character for character in text)


def tidy_line(text: str) -> str:
    """One line of text: no invisible characters, any white space one ordinary space."""
    line = " ".join(_visible(unicodedata.normalize("NFC", text), keep=_ALLOWED_IN_LINES).split()).strip(_JOINERS)
    return line if line.strip(_ALLOWED_IN_LINES + " ") else ""


def tidy_text(text: str) -> str:
    """Several lines of text, unchanged; empty when no character is visible."""
    return text if tidy_line(text) else ""


def tidy_code(text: str) -> str:
    """An order number or another code in capitals: « n° wm‑7k3q‑9f2m » → WM-7K3Q-9F2M."""
    text = _HYPHENS.sub("-", _visible(unicodedata.normalize("NFKC", text))).upper()
    return re.sub(r"\s*-\s*", "-", " ".join(re.sub(r"^(?:N\s?[O°]\.?|#)\s*(?=\w)", "", text.strip()).split()))


def tidy_one_time_code(text: str) -> str:
    """A code that an authenticator app shows as « 123 456 », without the space."""
    return "".join(_visible(unicodedata.normalize("NFKC", text)).split())


def tidy_phone(text: str) -> str:
    """With ordinary spaces, hyphens and digits, without a label, and « poste 12 » for an extension."""
    text = _HYPHENS.sub("-", " ".join(_ascii_digits(_visible(unicodedata.normalize("NFKC", text))).split()))
    number, extension = split_extension(_PHONE_LABEL.sub("", text.strip(' «»<>“”"')))
    number = " ".join(_GROUPING.sub(" ", number).split())
    return f"{number} poste {extension}" if extension else number


def split_extension(phone: str) -> tuple[str, str]:
    """« 04 72 00 00 00 poste 12 » → the number, and its extension's digits (or empty)."""
    found = _EXTENSION.search(phone)
    return (phone[: found.start()].strip(), found.group(1)) if found else (phone.strip(), "")


def is_phone(phone: str) -> bool:
    """Whether a tidied text is a telephone number: 6 to 17 digits in any usual grouping."""
    number, _extension = split_extension(phone)
    digits = sum(character.isdigit() for character in number)
    return bool(_PHONE.fullmatch(number)) and _FEWEST_DIGITS <= digits <= _MOST_DIGITS


def tidy_postcode(text: str) -> str:
    """« 69 002 » and « F-69002 » → 69002."""
    text = "".join(_HYPHENS.sub("-", _ascii_digits(_visible(unicodedata.normalize("NFKC", text)))).split()).upper()
    return re.sub(r"(?<=^\d\d)[.\-](?=\d{3}$)", "", re.sub(r"^(?:F|FR)-?(?=\d)", "", text))


def is_mainland_postcode(postcode: str) -> bool:
    """Whether it is one of metropolitan France with Corsica: five digits that begin with a département's number."""
    return bool(re.fullmatch(r"[0-9]{5}", postcode)) and postcode[:2] in _MAINLAND


def is_french_postcode(postcode: str) -> bool:
    """Whether La Poste delivers there: metropolitan France, overseas, Monaco."""
    if not re.fullmatch(r"[0-9]{5}", postcode):
        return False
    return postcode[:2] in _MAINLAND or postcode[:3] in _OVERSEAS or postcode[:3] == MONACO


def _tidied(to_python: Callable[[Any], Any], tidy: Callable[[str], str], value: Any) -> Any:
    return to_python(tidy(value) if isinstance(value, str) else value)


def _way_of(name: str, field: forms.Field) -> Callable[[str], str] | None:
    """The function that tidies a form field's text; None for other fields and for secrets."""
    widget = field.widget
    if not isinstance(field, forms.CharField) or isinstance(widget, forms.PasswordInput):
        return None
    if isinstance(widget, forms.Textarea):
        return None if isinstance(field, forms.JSONField) else tidy_text
    if isinstance(field, forms.EmailField):
        return canonical_email
    if widget.attrs.get("autocomplete") == "one-time-code":
        return tidy_one_time_code
    if widget.is_hidden or not isinstance(widget, forms.TextInput) or isinstance(field, forms.URLField):
        return None
    return {"phone": tidy_phone, "postcode": tidy_postcode, "order_number": tidy_code}.get(name, tidy_line)


class TypedForm:
    """Mixin of forms, first base class: tidies every text field before validation."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            tidy = _way_of(name, field)
            if tidy is None:
                continue
            field.to_python = partial(_tidied, field.to_python, tidy)  # type: ignore[method-assign]
            if tidy not in (tidy_line, tidy_text):
                # A browser would cut the pasted text before we can remove the invisible characters.
                field.widget.attrs.pop("maxlength", None)


class TypedModelForm(TypedForm, forms.ModelForm):
    """TypedForm for model forms: the back office's."""

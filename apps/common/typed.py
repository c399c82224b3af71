"""What people paste and devices fill in, made readable before it is judged: one cleaning for every form and the API.

A telephone's contacts put direction marks around a number (U+202A … U+202C), spreadsheets and word processors put
no-break spaces and no-break hyphens into it, web pages word joiners and zero-width spaces, games fillers that have no
shape. Nobody sees them, so nobody can take them out.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms

from apps.common.email_addresses import canonical_email

# In the middle of a word they belong to it: Persian and Indic names, emoji of several people.
_JOINERS = "\u200c\u200d"
# Unicode's Default_Ignorable_Code_Point beyond the format characters: fillers, selectors of variants.
_VARIANTS = "".join(map(chr, range(0xFE00, 0xFE10)))
_JAMO_FILLERS = "\u115f\u1160"
_FILLERS = frozenset("\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065\u3164\uffa0" + _JAMO_FILLERS + _VARIANTS)
_BRAILLE_BLANK = "\u2800"
_KEPT_IN_LINES = _JOINERS + _VARIANTS + _JAMO_FILLERS
_HYPHENS = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_EXTENSION = re.compile(r"\s*[,;]?\s*(?:poste|ext(?:ension)?\.?|x|#)\s*[=:.]?\s*(\d{1,6})\s*$", re.IGNORECASE)
_PHONE = re.compile(r"\+?[0-9 ()./\-]+")
# What is copied along with a number, and what people group its digits by.
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
    """Without what has no shape of its own. Control characters stay: they are not pasted."""
    return "".join(
        letter for letter in text if letter in keep or (letter not in _FILLERS and unicodedata.category(letter) != "Cf")
    ).replace(_BRAILLE_BLANK, " ")


def _ascii_digits(text: str) -> str:
    """Arabic, Devanagari and other decimal digits as those of every telephone."""
    return "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text)


def tidy_line(text: str) -> str:
    """One line of text: no invisible characters, any white space one ordinary space."""
    line = " ".join(_visible(unicodedata.normalize("NFC", text), keep=_KEPT_IN_LINES).split()).strip(_JOINERS)
    return line if line.strip(_KEPT_IN_LINES + " ") else ""


def tidy_text(text: str) -> str:
    """Lines of text as they were typed; nothing, where none of it can be seen."""
    return text if tidy_line(text) else ""


def tidy_code(text: str) -> str:
    """An order's number or another code printed in capitals: « n° wm‑7k3q‑9f2m » is WM-7K3Q-9F2M."""
    text = _HYPHENS.sub("-", _visible(unicodedata.normalize("NFKC", text))).upper()
    return re.sub(r"\s*-\s*", "-", " ".join(re.sub(r"^(?:N\s?[O°]\.?|#)\s*(?=\w)", "", text.strip()).split()))


def tidy_one_time_code(text: str) -> str:
    """An authenticator shows « 123 456 »; the code has no space."""
    return "".join(_visible(unicodedata.normalize("NFKC", text)).split())


def tidy_phone(text: str) -> str:
    """As it was written, but with ordinary spaces, hyphens and digits, and « poste 12 » for an extension."""
    text = _HYPHENS.sub("-", " ".join(_ascii_digits(_visible(unicodedata.normalize("NFKC", text))).split()))
    number, extension = split_extension(_PHONE_LABEL.sub("", text.strip(' «»<>“”"')))
    number = " ".join(_GROUPING.sub(" ", number).split())
    return f"{number} poste {extension}" if extension else number


def split_extension(phone: str) -> tuple[str, str]:
    """« 04 72 00 00 00 poste 12 » → the number, and the digits of its extension or nothing."""
    found = _EXTENSION.search(phone)
    return (phone[: found.start()].strip(), found.group(1)) if found else (phone.strip(), "")


def is_phone(phone: str) -> bool:
    """Of a tidied number: digits in any grouping that people use, few enough to be dialled."""
    number, _extension = split_extension(phone)
    digits = sum(character.isdigit() for character in number)
    return bool(_PHONE.fullmatch(number)) and _FEWEST_DIGITS <= digits <= _MOST_DIGITS


def tidy_postcode(text: str) -> str:
    """« 69 002 » and « F-69002 » are 69002."""
    text = "".join(_HYPHENS.sub("-", _ascii_digits(_visible(unicodedata.normalize("NFKC", text)))).split()).upper()
    return re.sub(r"(?<=^\d\d)[.\-](?=\d{3}$)", "", re.sub(r"^(?:F|FR)-?(?=\d)", "", text))


def is_mainland_postcode(postcode: str) -> bool:
    """Of metropolitan France, Corsica included: five digits that begin with a département's number."""
    return bool(re.fullmatch(r"[0-9]{5}", postcode)) and postcode[:2] in _MAINLAND


def is_french_postcode(postcode: str) -> bool:
    """Where the French post delivers: metropolitan France, overseas and Monaco."""
    if not re.fullmatch(r"[0-9]{5}", postcode):
        return False
    return postcode[:2] in _MAINLAND or postcode[:3] in _OVERSEAS or postcode[:3] == MONACO


def _tidied(to_python: Callable[[Any], Any], tidy: Callable[[str], str], value: Any) -> Any:
    return to_python(tidy(value) if isinstance(value, str) else value)


def _way_of(name: str, field: forms.Field) -> Callable[[str], str] | None:
    """How a field's text is tidied; None for what is no line of text, and for secrets, which are taken as sent."""
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
    """Before a form's class: every line of text that people type or paste into it is tidied before it is judged."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            tidy = _way_of(name, field)
            if tidy is None:
                continue
            field.to_python = partial(_tidied, field.to_python, tidy)  # type: ignore[method-assign]
            if tidy not in (tidy_line, tidy_text):
                # A browser would cut what is pasted before we can take the invisible characters out.
                field.widget.attrs.pop("maxlength", None)


class TypedModelForm(TypedForm, forms.ModelForm):
    """For the back office, whose screens make their forms of models."""

"""Canonical form of e-mail addresses: the one that is stored, compared and sent to."""

import re
import unicodedata

import idna
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

_CANONICAL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9.-]+", re.ASCII)
_JOINERS = "\u200c\u200d"
# RFC 5321, 4.5.3.1.3, without its angle brackets.
LONGEST = 254
# RFC 1035, 2.3.4; a longer text is no domain and is not encoded.
_LONGEST_DOMAIN = 253


def canonical_email(given: str) -> str:
    """Lower case throughout, NFKC, the domain in A-labels (xn--…), nothing invisible. Idempotent, and never raises.

    Mail is sent to this form alone, so that verifying another spelling proves the ownership of this one.

    - NFKC (full-width letters of a telephone's keyboard, ligatures) also is the first step of UTS 46 for domains. Case
      is folded by `lower`, not `casefold`: « straße » and « strasse » are two domains, « ı » is not « i ».
    - Format characters (category Cf: zero-width space, byte order mark, soft hyphen, marks of direction) come from
      copying. Joiners stay in a domain, where IDNA 2008 gives them a meaning.
    - IDNA 2008 with the mapping of UTS 46, not Python's "idna" codec, whose IDNA 2003 makes « straße » « strasse ».
      A domain that has no A-label is returned unchanged, for `validate_email_address` to refuse.
    - A form longer than LONGEST is not used, for the same reason: NFKC makes up to eighteen characters of one, and
      columns are measured for what was typed.
    """
    if _CANONICAL.fullmatch(given):
        return given
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", given).strip().lower()).removeprefix("mailto:")
    local, at, domain = text.rpartition("@")
    canonical = (_without_format(local) + at + _a_labels(_without_format(domain, keep=_JOINERS))).strip()
    return canonical if len(canonical) <= LONGEST else given


def validate_email_address(email: str) -> None:
    """Refuse a canonical address to which no mail can be sent: EmailValidator lets « ı » and any domain pass."""
    if not email.isascii():
        raise ValidationError(
            _("Vérifiez l’adresse e-mail : elle contient un caractère qu’une adresse ne peut pas porter."),
            code=RegexValidator.code,
        )


def _without_format(text: str, keep: str = "") -> str:
    return "".join(character for character in text if character in keep or unicodedata.category(character) != "Cf")


def _a_labels(domain: str) -> str:
    if domain.isascii() or len(domain) > _LONGEST_DOMAIN:
        return domain
    try:
        return idna.encode(domain, uts46=True, transitional=False).decode("ascii")
    except idna.IDNAError:
        return domain

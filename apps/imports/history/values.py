"""Values as exports of shops write them. Each raises RefusedCell with a reason and a remedy for what cannot be read, or
can be read in two ways."""

import re
from datetime import UTC, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from apps.common.email_addresses import canonical_email, validate_email_address
from apps.common.letters import fold
from apps.common.spreadsheets import unguard
from apps.common.tabular.errors import Refusal
from apps.common.typed import is_phone, tidy_phone, tidy_postcode
from apps.imports.catalogue.values import plain, price
from apps.imports.history.records import RefusedCell
from apps.orders.models import PastOrder

State = PastOrder.State
_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
_NAMED_EMAIL = re.compile(r"<([^<>]+@[^<>]+)>")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T,à]+(\d{1,2})[:h](\d{2})(?::(\d{2}))?)?")
_ZONE = re.compile(r"(\d) (?=[+-]\d{2}:?\d{2}$)")
# What mobile networks and spreadsheets leave of a French number.
_WITHOUT_ZERO = re.compile(r"[1-9](?:[ .-]?\d{2}){4}|[1-9]\d{8}")
# By the beginning of the former shop's word, folded; the first that fits.
_STATES = (
    (State.REFUNDED, re.compile(r"refunded|rembours")),
    (State.CANCELLED, re.compile(r"cancel|annul|void|fail|echou|echec|erreur|payment error|expire|abandon|refus")),
    (
        State.OPEN,
        re.compile(
            r"pending|en attente|attente|await|on[ -]hold|authori[sz]ed|autorise|checkout|draft|brouillon|unpaid|impaye"
            r"|non pay|open$|on backorder \(not paid|en reappro.*non pay"
        ),
    ),
    (
        State.PAID,
        re.compile(
            r"paid|pay[e]|regle|encaisse|partially|complete|process|en cours|termine|expedi|livr|prepar"
            r"|shipped|deliver|fulfilled"
            r"|payment accepted|paiement accept|paiement a distance accept|remote payment accepted|pret|ready"
            r"|on backorder \(paid|en reappro"
        ),
    ),
)
# PrestaShop's own states by their number, as a fresh shop has them.
_PRESTASHOP_STATES = {
    **dict.fromkeys(("2", "3", "4", "5", "9", "11"), State.PAID),
    **dict.fromkeys(("1", "10", "12", "13"), State.OPEN),
    **dict.fromkeys(("6", "8"), State.CANCELLED),
    "7": State.REFUNDED,
}
_COUNTRIES = {
    "france": "FR",
    "france metropolitaine": "FR",
    "belgique": "BE",
    "belgium": "BE",
    "suisse": "CH",
    "switzerland": "CH",
    "luxembourg": "LU",
    "monaco": "MC",
    "allemagne": "DE",
    "germany": "DE",
    "espagne": "ES",
    "spain": "ES",
    "italie": "IT",
    "italy": "IT",
    "pays-bas": "NL",
    "netherlands": "NL",
    "royaume-uni": "GB",
    "united kingdom": "GB",
}


def text(raw: str, *, longest: int) -> str:
    """On one line, without the apostrophe that keeps a cell from being a formula. Too long is refused, not cut."""
    found = unguard(plain(raw))
    if len(found) > longest:
        raise RefusedCell(
            _("texte trop long"),
            value=f"{found[:40]}…",
            remedy=_("Raccourcissez-le à %(longest)s caractères.") % {"longest": longest},
        )
    return found


def email(raw: str, *, may_be_empty: bool = False) -> str:
    """One address in its canonical form; an empty cell where it may be."""
    written = plain(raw).removeprefix("'").strip()
    if not written and may_be_empty:
        return ""
    found = canonical_email(match[1] if (match := _NAMED_EMAIL.search(written)) else written)
    try:
        validate_email(found)
        validate_email_address(found)
    except ValidationError:
        raise RefusedCell(
            _("ce n’est pas une adresse e-mail") if written else _("l’adresse e-mail manque"),
            value=written[:80],
            remedy=_("Mettez une seule adresse, par exemple prenom@exemple.fr."),
        ) from None
    return found


def phone(raw: str) -> str:
    """As a person reads it; the zero that a spreadsheet took is given back. What is no number at all is left out."""
    found = tidy_phone(plain(raw).removeprefix("'").strip())
    if _WITHOUT_ZERO.fullmatch(found):
        found = f"0{found}"
    return found if len(found) <= 30 and is_phone(found) else ""


def postcode(raw: str) -> str:
    return text(tidy_postcode(plain(raw).removeprefix("'")), longest=10)


def amount(raw: str) -> Decimal:
    """Money with VAT in euros, nothing included; by the same grammar as prices of a catalogue."""
    try:
        return price(raw, may_be_zero=True)
    except Refusal as refusal:
        raise RefusedCell(
            str(refusal).partition(" : ")[0],
            value=plain(raw)[:40],
            remedy=_("Écrivez le montant en euros, deux décimales au plus : 1234,50."),
        ) from refusal


def optional_amount(raw: str) -> Decimal | None:
    return amount(raw) if plain(raw) else None


def pieces(raw: str) -> int:
    written = plain(raw).removeprefix("'")
    if not written:
        return 1
    if match := re.fullmatch(r"(\d{1,6})(?:[.,]0+)?", written):
        return int(match[1])
    raise RefusedCell(
        _("quantité illisible"), value=written[:40], remedy=_("Écrivez un nombre entier de pièces, par exemple 2.")
    )


def moment(raw: str, *, now: datetime, first: str) -> datetime:
    """When an order was placed; a time without a zone is the shop's.

    « 05/12/2023 » is the 5 December where the day comes `first`, the 12 May where the month does. Where nothing says
    which, it is refused, unless one of its numbers can only be a day.
    """
    written = plain(raw).removeprefix("'")
    found = _iso(written) or _numbers(written, first=first)
    if found is None:
        raise RefusedCell(
            _("date illisible") if written else _("la date manque"),
            value=written[:40],
            remedy=_("Écrivez-la AAAA-MM-JJ, par exemple 2023-12-05."),
        )
    if not _EARLIEST <= found <= now:
        raise RefusedCell(
            _("date impossible pour une commande passée"),
            value=written[:40],
            remedy=_("Vérifiez l’année ; les commandes à venir ne se reprennent pas."),
        )
    return found


def _iso(written: str) -> datetime | None:
    if not re.match(r"\d{4}-\d{2}-\d{2}", written):
        return None
    whole = f"{written} 00:00" if len(written) == 10 else _ZONE.sub(r"\1", written.removesuffix(" UTC"))
    try:
        found = parse_datetime(whole)
    except ValueError:
        return None
    if found is None:
        return None
    if written.endswith(" UTC"):
        return found.replace(tzinfo=UTC)
    return timezone.make_aware(found) if timezone.is_naive(found) else found


def _numbers(written: str, *, first: str) -> datetime | None:
    match = _DAY_FIRST.fullmatch(written)
    if match is None:
        return None
    one, two, year, *clock = match.groups()
    day, month = int(one), int(two)
    if not first and day != month:
        if day <= 12 and month <= 12:
            raise RefusedCell(
                _("date ambiguë : le jour ou le mois en premier"),
                value=written,
                remedy=_("Dites lequel à l’écran des colonnes, ou écrivez-la AAAA-MM-JJ, par exemple 2023-12-05."),
            )
        first = "month" if month > 12 else "day"
    if first == "month":
        day, month = month, day
    try:
        return timezone.make_aware(datetime(int(year), month, day, *(int(each or 0) for each in clock)))  # noqa: DTZ001
    except ValueError:
        return None


def state(raw: str, *, program: str) -> tuple[str, bool]:
    """A state of ours for the former shop's word, and whether the word is known. An unknown one counts as unfinished,
    so that nothing is counted as money that came in."""
    word = fold(plain(raw)).removeprefix("wc-").replace("_", " ")
    if program == "PrestaShop" and word in _PRESTASHOP_STATES:
        return _PRESTASHOP_STATES[word], True
    if word.startswith("partially refunded"):
        return State.PAID, True
    found = next((state for state, words in _STATES if words.match(word)), None)
    return (found, True) if found is not None else (State.OPEN, False)


def country(raw: str) -> str:
    """A code of two letters; France where the file says nothing, empty for what is not known."""
    written = plain(raw)
    if not written:
        return "FR"
    if re.fullmatch(r"[A-Za-z]{2}", written):
        return written.upper()
    return _COUNTRIES.get(fold(written), "")


def euros_only(raw: str) -> None:
    written = plain(raw).upper()
    if written not in ("", "EUR", "€"):
        raise RefusedCell(
            _("commande dans une autre monnaie que l’euro"),
            value=written[:10],
            remedy=_("La boutique compte en euros : gardez cette commande à part."),
        )

"""Who the shop is and how it works, as every page, e-mail and rule reads it.

`current()` costs no query: the row is kept in the process for one number of `common.revisions`, which is read with the
catalogue's. A fact that the environment sets wins over the row; a demonstration has invented ones where neither says
anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.dates import WEEKDAYS

from apps.common import revisions
from apps.common.translation import DEFAULT_LANGUAGE, LANGUAGES
from apps.shop.hours import Closure, Span, closures_of, format_day, spans_of
from apps.shop.icons import icon_urls
from apps.shop.models import Shop
from apps.shop.numbers import in_groups

revisions.register("shop", Shop, "version")


@dataclass(frozen=True, slots=True, eq=False)
class Identity:
    """Compared by identity: each version is another object, by which rendered texts are found again.

    A fact that is not known is empty. `address`, `company` and `registration` are whole, for display; their parts are
    empty where the environment sets the whole.
    """

    version: int
    opened_at: datetime | None
    is_open: bool
    terms_version: str

    name: str
    """The site's host until somebody has written one (`is_named`): every page has a title."""
    is_named: bool
    company: str
    legal_form: str
    capital: str
    registration: str
    siret: str
    vat_number: str
    vat_franchise: bool
    publisher: str
    address: str
    street: str
    postcode: str
    city: str
    country: str
    phone: str
    email: str
    sender: str
    host: str
    mediator: str

    iban: str
    bic: str
    card_hold: timedelta
    transfer_hold: timedelta

    order_prefix: str
    former_prefixes: tuple[str, ...]
    cutoff: time
    working_days: frozenset[int]
    hours: tuple[tuple[Span, ...], ...]
    closures: tuple[Closure, ...]

    languages: tuple[str, ...]
    icons: Mapping[str, str]
    accent: str

    @property
    def icon(self) -> dict[str, str]:
        """URLs of the shop's picture by use, for templates."""
        names = {"favicon": "favicon.ico", "large": "icon-192.png", "phone": "apple-touch-icon.png", "mark": "mark.png"}
        return {use: self.icons.get(name, "") for use, name in names.items()}

    @property
    def card_hold_minutes(self) -> int:
        return self.card_hold // timedelta(minutes=1)

    @property
    def transfer_hold_days(self) -> int:
        return self.transfer_hold.days

    @property
    def siren(self) -> str:
        return self.siret[:9]

    @property
    def week(self) -> list[tuple[str, str]]:
        """Each day's name and its hours as text, empty when the shop is closed."""
        spans = self.hours or ((),) * 7
        return [(str(WEEKDAYS[day]).capitalize(), format_day(spans[day])) for day in range(7)]

    @property
    def has_hours(self) -> bool:
        return any(self.hours)

    def closed_on(self, day: date) -> bool:
        return any(closure.covers(day) for closure in self.closures)


_cached: tuple[int, Mapping[str, str], Mapping[str, str], Identity] | None = None


def current() -> Identity:
    """Queries nothing but, after a change, the row. Never shows what is not committed to another process."""
    global _cached
    version, fixed, invented = revisions.recently("shop"), settings.SHOP_FROM_ENVIRONMENT, settings.SHOP_INVENTED
    cached = _cached
    if cached and cached[0] == version and cached[1] is fixed and cached[2] is invented:
        return cached[3]
    row = Shop.objects.filter(pk=1).first() if version else None
    identity = identity_of(row or Shop(pk=1), fixed=fixed, invented=invented)
    _cached = (version, fixed, invented, identity)
    return identity


def last_read() -> Identity:
    """Without a query, for a page that an error leads to: as this process read it last."""
    if _cached:
        return _cached[3]
    return identity_of(Shop(pk=1), fixed=settings.SHOP_FROM_ENVIRONMENT, invented=settings.SHOP_INVENTED)


def identity_of(row: Shop, *, fixed: Mapping[str, str], invented: Mapping[str, str]) -> Identity:
    """`fixed` wins over the row, `invented` stands where the row is empty."""

    def fact(name: str, own: str) -> str:
        return fixed.get(name) or own or invented.get(name, "")

    own_name, email = fact("name", row.name), fact("email", row.email)
    name = own_name or _host().removeprefix("www.")
    in_parts = "address" not in fixed
    return Identity(
        version=row.version,
        opened_at=row.opened_at,
        terms_version=row.terms_version,
        is_open=settings.DEMO or row.opened_at is not None,
        name=name,
        is_named=bool(own_name),
        company=fact("company", _company(row)),
        legal_form="" if "company" in fixed else row.legal_form,
        capital=fact("capital", row.capital),
        registration=fact("registration", _registration(row)),
        siret=row.siret,
        vat_number=fact("vat_number", row.vat_number),
        vat_franchise=row.vat_franchise,
        publisher=fact("publisher", row.publisher),
        address=fact("address", _address(row)),
        street=row.street if in_parts else "",
        postcode=row.postcode if in_parts else "",
        city=row.city if in_parts else "",
        country="FR",
        phone=fact("phone", row.phone),
        email=email,
        sender=fact("sender", _sender(row, own_name)),
        host=fact("host", row.host),
        mediator=fact("mediator", row.mediator),
        iban=fact("iban", in_groups(row.iban, (4,) * 8)),
        bic=fact("bic", row.bic),
        card_hold=timedelta(minutes=row.card_hold_minutes),
        transfer_hold=timedelta(days=row.transfer_hold_days),
        order_prefix=row.order_prefix,
        former_prefixes=tuple(row.former_prefixes.split()),
        cutoff=time.fromisoformat(row.cutoff) if isinstance(row.cutoff, str) else row.cutoff,
        working_days=frozenset(map(int, row.working_days)),
        hours=tuple(spans_of(day) for day in row.hours),
        closures=closures_of(row.closures),
        languages=LANGUAGES if row.offers_english else (DEFAULT_LANGUAGE,),
        icons=icon_urls(row.icons),
        accent=row.accent,
    )


def _company(row: Shop) -> str:
    """With the legal form, as art. R123-237 of the code de commerce wants it on every document."""
    if not row.company or row.company.split()[-1].casefold() == row.legal_form.casefold():
        return row.company
    return f"{row.company} {row.legal_form}".strip()


def _registration(row: Shop) -> str:
    """« RCS Lyon 123 456 782 »: the register with its town, and the SIREN."""
    siren = in_groups(row.siret[:9], (3, 3))
    if siren and siren.replace(" ", "") not in row.registration.replace(" ", ""):
        return f"{row.registration or 'SIREN'} {siren}"
    return row.registration


def _address(row: Shop) -> str:
    town = f"{row.postcode} {row.city}".strip()
    return ", ".join((row.street, town, "France")) if row.street and town else ""


def _sender(row: Shop, name: str) -> str:
    """Before anybody has chosen one, an address of the site's own host: the owner's first e-mails must leave."""
    email = row.sender or row.email
    if not email and "sender" in settings.SHOP_INVENTED:
        return ""
    email = email or f"boutique@{_host()}"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{email}>' if name else email


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"

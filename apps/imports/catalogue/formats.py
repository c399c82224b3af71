"""The formats of files, and which of them a file's header belongs to."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Protocol

from django.utils.translation import gettext as _

from apps.catalogue.models.product import VatClass
from apps.common.tabular.errors import UnreadableFile
from apps.common.tabular.header import normalised
from apps.common.tabular.rows import Row
from apps.common.tabular.source import Tabular, open_table
from apps.imports.catalogue import etsy, magento, merchant, opencart, shopify, square, webmarket, wix, woocommerce
from apps.imports.catalogue.columns import why_ask
from apps.imports.catalogue.reading import Reading
from apps.imports.catalogue.records import Parsed


class Format(StrEnum):
    AUTO = "auto"
    MERCHANT = "merchant"
    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"
    WIX = "wix"
    ETSY = "etsy"
    SQUARE = "square"
    MAGENTO = "magento"
    OPENCART = "opencart"
    MAPPED = "mapped"
    WEBMARKET = "webmarket"


class UnknownColumns(UnreadableFile):
    """A person has to choose what each column is: no format has them, or for a `reason` that the file gives."""

    reason = ""


class _Parser(Protocol):
    @property
    def COLUMNS(self) -> Mapping[str, Iterable[str]]: ...

    def recognises(self, header: list[str]) -> bool: ...

    def parse(self, header: list[str], rows: Iterator[Row], *, vat: VatClass) -> Iterator[Parsed]: ...


PARSERS: dict[Format, _Parser] = {
    Format.WEBMARKET: webmarket,
    Format.SHOPIFY: shopify,
    Format.WOOCOMMERCE: woocommerce,
    Format.WIX: wix,
    Format.ETSY: etsy,
    Format.SQUARE: square,
    Format.MAGENTO: magento,
    Format.OPENCART: opencart,
    Format.MERCHANT: merchant,
}


_WORDS = frozenset(
    normalised(name) for parser in PARSERS.values() for names in parser.COLUMNS.values() for name in names
)


def open_catalogue(
    open_: Callable[[], Any], name: str, *, encoding: str = "", reading: Reading | None = None
) -> Tabular:
    """A file whose header is known by the names of columns that any format has, or that a person chose. Raises
    UnreadableFile."""
    words = _WORDS | set(reading.columns if reading else ())
    has_header = reading is None or reading.has_header
    return open_table(open_, name, words=words, encoding=encoding, has_header=has_header)


def detect(source: Tabular, wanted: Format) -> Format:
    """The format that the header belongs to. Raises UnreadableFile for none, or for another than the one asked for."""
    if wanted is not Format.AUTO:
        return wanted
    for format_, parser in PARSERS.items():
        if parser.recognises(source.header):
            if format_ is Format.MERCHANT and (why := why_ask(source.header, source.rows())):
                unknown = UnknownColumns(_("%(why)s Choisissez les colonnes.") % {"why": why})
                unknown.reason = why
                raise unknown
            return format_
    raise UnknownColumns(
        _(
            "Aucun format connu n’a ces colonnes : %(header)s. Attendu : code_barres, nom, rayon, prix_ttc (liste de "
            "commerçant), Handle, Title, Variant Price (Shopify), ou notre propre export."
        )
        % {"header": ", ".join(source.header)[:300]}
    )

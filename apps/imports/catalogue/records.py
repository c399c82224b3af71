"""Records of a file, in the shop's terms.

`fields` holds only what the file speaks of: a merchant's list without brands leaves the brands that staff entered.
`defaults` are used when the row creates something and ignored afterwards.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.common.tabular.rows import Reject, Row, Warned


@dataclass(slots=True, frozen=True)
class Image:
    """A picture by URL (to be fetched), by the name of a file in the shop's storage, or by the `name` of one that came
    in one archive with the list, whose key then is its `url`."""

    url: str = ""
    file: str = ""
    name: str = ""
    alt_fr: str = ""
    alt_en: str = ""
    sku: str = ""
    state: str = ""
    width: int = 0
    height: int = 0
    renditions: tuple[Any, ...] = ()
    failure: str = ""

    @property
    def key(self) -> str:
        return self.file or self.url


@dataclass(slots=True, frozen=True)
class LedgerLine:
    amount: Decimal
    kind: str
    effective_at: datetime
    reason: str = ""


@dataclass(slots=True)
class VariantRecord:
    """`former_sku` is what an earlier import called it. A price that `is_price_doubtful` is for a new variant only.

    `match` is what finds it among the shop's variants, (`reading.Key`, value), where a person chose that.
    """

    row: Row
    sku: str
    former_sku: str = ""
    price: Decimal | None = None
    is_price_doubtful: bool = False
    on_hand: int | None = None
    low_threshold: int | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)
    ledger: list[LedgerLine] = field(default_factory=list)
    match: tuple[str, str] | None = None
    supplier_reference: str = ""


@dataclass(slots=True)
class ProductRecord:
    """A rayon is named by its path from the top, or in our own export by `category_slug`.

    `operators` maps "manufacturer" and "responsible_person" to (name, postal, electronic address) or None.

    `attributes` are (attribute code, value slug, label) and are added to, or with `is_complete` replace, what is there;
    so do `images`. `former_code` is what an earlier import called it; a new product that `is_doubtful` or
    `starts_as_draft` is a draft. `default_category` is the rayon of a new product that the file gives none.
    """

    row: Row
    code: str
    former_code: str = ""
    is_doubtful: bool = False
    starts_as_draft: bool = False
    fields: dict[str, Any] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)
    category: tuple[str, ...] | None = None
    category_slug: str = ""
    default_category: tuple[str, ...] = ()
    brand: str | None = None
    operators: dict[str, tuple[str, str, str] | None] = field(default_factory=dict)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    variants: list[VariantRecord] = field(default_factory=list)
    is_complete: bool = False


@dataclass(slots=True)
class DefinitionRecord:
    """A rayon, brand, attribute or attribute value that our own export describes apart from the products."""

    row: Row
    kind: str
    key: tuple[str, ...]
    fields: dict[str, Any] = field(default_factory=dict)


Parsed = ProductRecord | DefinitionRecord | Reject | Warned

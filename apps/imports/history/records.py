"""What is read of a former shop's files."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal

from apps.common.tabular.errors import Refusal
from apps.common.tabular.rows import Row


class RefusedCell(Refusal):
    """Why a cell cannot be taken, and what to do about it; `column` is what the file calls it."""

    column = ""

    def __init__(self, reason: str, *, value: str = "", remedy: str = "") -> None:
        super().__init__(reason)
        self.reason, self.value, self.remedy = reason, value, remedy


@dataclass(frozen=True, slots=True)
class Refused:
    row: Row
    column: str
    value: str
    reason: str
    remedy: str

    def sentence(self) -> str:
        """Column, value, reason and remedy in one line, for a file of refused rows."""
        where = f"{self.column} : " if self.column else ""
        value = f" « {self.value} »" if self.value else ""
        return f"{where}{self.reason}{value}. {self.remedy}".strip()


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    row: Row
    email: str
    first_name: str
    last_name: str
    phone: str
    company: str
    line1: str
    line2: str
    postcode: str
    city: str
    country: str

    @property
    def has_postal_address(self) -> bool:
        return bool(self.line1 and self.postcode and self.city)


@dataclass(frozen=True, slots=True)
class LineRecord:
    name: str
    sku: str
    quantity: int
    # Of one piece, with VAT; None where the file has none.
    price: Decimal | None

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "price": "" if self.price is None else str(self.price)}


@dataclass(slots=True)
class OrderRecord:
    rows: list[Row]
    number: str
    email: str
    name: str
    phone: str
    delivered_to: str
    placed_at: datetime
    state: str
    status_text: str
    payment_text: str
    total: Decimal
    delivery_total: Decimal | None
    refunded: Decimal
    lines: list[LineRecord] = field(default_factory=list)
    # The former shop, where the file says which.
    source: str = ""
    # The file's word for its state, if nothing says what it means.
    unknown_status: str = ""

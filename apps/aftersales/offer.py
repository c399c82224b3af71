"""What may be withdrawn of an order, line by line."""

from dataclasses import dataclass

from django.db.models import Sum

from apps.aftersales.models import WithdrawalLine
from apps.catalogue.models.withdrawal import SEALED
from apps.orders.models import Order, OrderLine


@dataclass(frozen=True)
class OfferedLine:
    """`withdrawn` pieces were declared before; `left` may still be."""

    line: OrderLine
    withdrawn: int

    @property
    def is_excepted(self) -> bool:
        """Whether the law knows no withdrawal from it (art. L221-28), as was announced before the order."""
        return bool(self.line.withdrawal_exception) and not self.is_sealed

    @property
    def is_sealed(self) -> bool:
        """Whether the right lasts as long as the seal is whole."""
        return self.line.withdrawal_exception in SEALED

    @property
    def left(self) -> int:
        return 0 if self.is_excepted else self.line.quantity - self.withdrawn


def offered_lines(order: Order) -> list[OfferedLine]:
    """Every line of an order, in its order. One query, and one for the lines unless they are prefetched."""
    sums = WithdrawalLine.objects.filter(order_line__order=order).order_by().values_list("order_line")
    withdrawn = dict(sums.annotate(pieces=Sum("quantity")))
    return [OfferedLine(line, withdrawn.get(line.pk, 0)) for line in order.lines.all()]

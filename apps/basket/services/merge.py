from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from apps.accounts.models import User
from apps.basket.models import MAX_QUANTITY, Basket, BasketLine, CheckoutDetails
from apps.basket.services.lines import available, open_basket
from apps.common.transactions import retry_on_deadlock


def merge(*, visitor_key: UUID | str | None, user: User) -> Basket | None:
    """At login, merge the visitor's basket into the customer's and return it. A repeat changes nothing.

    Quantities are added up, as far as there is stock. A customer without an open basket gets the visitor's. Locks
    the baskets in primary-key order.
    """
    visitor = open_basket(key=visitor_key, user=None)
    if visitor is None:
        return open_basket(key=None, user=user)
    for _attempt in range(2):
        try:
            return _merge(visitor_id=visitor.pk, user=user)
        except IntegrityError:
            # A concurrent request opened the customer's basket: the next round finds it.
            continue
    return open_basket(key=None, user=user)


@retry_on_deadlock
def _merge(*, visitor_id: int, user: User) -> Basket | None:
    with transaction.atomic():
        locked = list(
            Basket.objects.open().filter(Q(pk=visitor_id, user=None) | Q(user=user)).order_by("pk").select_for_update()
        )
        visitor = next((basket for basket in locked if basket.pk == visitor_id), None)
        own = next((basket for basket in locked if basket.user_id == user.pk), None)
        if visitor is None:
            return own
        if own is None:
            visitor.user = user
            visitor.save(update_fields=["user", "updated_at"])
            return visitor
        _move_lines(visitor, own)
        if not CheckoutDetails.objects.filter(basket=own).exists():
            CheckoutDetails.objects.filter(basket=visitor).update(basket=own)
        visitor.status = Basket.Status.MERGED
        visitor.save(update_fields=["status", "updated_at"])
        own.save(update_fields=["updated_at"])
        return own


def _move_lines(source: Basket, target: Basket) -> None:
    mine = {line.variant_id: line for line in target.lines.select_related("variant__stock")}
    moved, grown = [], []
    for line in source.lines.select_related("variant__stock"):
        if line.variant_id in mine:
            own = mine[line.variant_id]
            both = min(own.quantity + line.quantity, available(line.variant), MAX_QUANTITY)
            own.quantity = max(own.quantity, both)
            grown.append(own)
        else:
            line.basket = target
            moved.append(line)
    BasketLine.objects.bulk_update(grown, ["quantity"])
    BasketLine.objects.bulk_update(moved, ["basket"])
    source.lines.all().delete()

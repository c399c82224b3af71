"""Orders of the last year for a shop that fill.py filled: nine in ten delivered, the others on their way or cancelled.

Their books agree: lines, VAT, payments, history, and each piece in the stock's ledger. They were sold before the shop's
own invoices began. The same number gives the same orders, but for their secrets.
"""

import itertools
import random
import uuid
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal

CHUNK = 2000
# So many stay in stock that lists of products, which tell « few » from « many », stay right.
PLENTY = 20
DELIVERY = Decimal("4.90")
RATE = Decimal("5.5")
SOLD = ("AWAITING_PAYMENT", "CONFIRMED", "PREPARING", "SHIPPED", "DELIVERED")
FIRST, LAST = ("Léa", "Hugo", "Inès", "Noé", "Chloé"), ("Petit", "Moreau", "Lefèvre", "Roux", "Faure", "Mercier")
CITIES = (("69002", "Lyon"), ("75011", "Paris"), ("13006", "Marseille"), ("44000", "Nantes"), ("67000", "Strasbourg"))


def fill_orders(count: int, *, now: datetime) -> None:
    from django.db import transaction

    from apps.catalogue.models import Stock, Variant
    from apps.invoicing.models import Chain

    Chain.objects.get_or_create(pk=1, defaults={"starts_at": now})
    chance = random.Random(50)  # noqa: S311
    variants = list(Variant.objects.filter(stock__on_hand__gte=50).select_related("product").order_by("pk")[:20_000])
    left = dict(Stock.objects.filter(pk__in=[each.pk for each in variants]).values_list("pk", "on_hand"))
    for start in range(0, count, CHUNK):
        with transaction.atomic():
            _fill_chunk(range(start, min(start + CHUNK, count)), count, variants, left, chance, now)


def _fill_chunk(
    numbers: range, count: int, variants: list, left: dict[int, int], chance: random.Random, now: datetime
) -> None:
    from apps.catalogue.models import Stock, StockMovement
    from apps.common.money import ZERO, vat_included, vat_per_rate
    from apps.orders.models import Order, OrderEvent, OrderLine
    from apps.payments.models import Payment

    orders, lines, events, payments = [], [], [], []
    moved: list[StockMovement] = []
    sold_of: dict[int, int] = defaultdict(int)
    for number in numbers:
        placed_at = now - timedelta(days=365) * (count - number) / count - timedelta(days=15)
        is_sold = chance.random() < 0.95
        history = SOLD[: chance.choice((4, 5, 5, 5, 5, 5, 5, 5, 5, 5))] if is_sold else (SOLD[0], "CANCELLED")
        bought = [(variant, chance.randrange(1, 4)) for variant in chance.sample(variants, chance.randrange(1, 4))]
        bought = [(variant, quantity) for variant, quantity in bought if left[variant.pk] - quantity >= PLENTY] or [
            next((variant, 1) for variant in variants if left[variant.pk] > PLENTY)
        ]
        totals = [variant.price * quantity for variant, quantity in bought]
        vats = [vat_included(gross=total, rate=RATE) for total in totals]
        per_rate = vat_per_rate(
            [(RATE, total, vat) for total, vat in zip(totals, vats, strict=True)], delivery=DELIVERY
        )
        postcode, city = CITIES[number % len(CITIES)]
        order = Order(
            basket_key=uuid.UUID(int=chance.getrandbits(128), version=4),
            status=history[-1],
            email=f"client.{number}@exemple.fr",
            recipient=f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]}",
            line1=f"{number % 90 + 1} rue des Halles",
            postcode=postcode,
            city=city,
            items_total=sum(totals, ZERO),
            delivery_total=DELIVERY,
            total=sum(totals, DELIVERY),
            vat_total=sum((amount.vat for amount in per_rate), ZERO),
            delivery_method="domicile",
            delivery_kind="HOME",
            delivery_name="À domicile",
            payment_method="bank_transfer",
            terms_version="2026-11",
            terms_accepted_at=placed_at,
            placed_at=placed_at,
            paid_at=placed_at + timedelta(days=1) if is_sold else None,
            shipped_at=placed_at + timedelta(days=3) if is_sold else None,
            closed_at=placed_at + timedelta(days=5) if history[-1] in {"DELIVERED", "CANCELLED"} else None,
        )
        orders.append(order)
        lines += [
            OrderLine(
                order=order,
                position=position,
                variant=variant,
                product_name=variant.product.name_fr,
                variant_label=variant.option1_fr,
                sku=variant.sku,
                quantity=quantity,
                unit_price=variant.price,
                total=total,
                vat_rate=RATE,
                vat_amount=vat,
            )
            for position, ((variant, quantity), total, vat) in enumerate(
                zip(bought, totals, vats, strict=True), start=1
            )
        ]
        events += [
            OrderEvent(order=order, from_status=before, to_status=after, created_at=placed_at + timedelta(days=day))
            for day, (before, after) in enumerate(itertools.pairwise(("", *history)))
        ]
        payments.append(
            Payment(
                order=order,
                gateway="bank_transfer",
                key=f"filled-{number}",
                status=Payment.Status.CAPTURED if is_sold else Payment.Status.CANCELLED,
                amount=order.total,
                captured_at=order.paid_at,
                asked_at=order.paid_at or placed_at,
            )
        )
        for variant, quantity in bought if is_sold else ():
            left[variant.pk] -= quantity
            sold_of[variant.pk] += quantity
            moved.append(
                StockMovement(
                    stock_id=variant.pk,
                    delta=-quantity,
                    on_hand_after=left[variant.pk],
                    reason=StockMovement.Reason.SALE,
                    reference=order.number,
                    created_at=placed_at,
                )
            )
    Order.objects.bulk_create(orders)
    keys = dict(Order.objects.filter(number__in=[order.number for order in orders]).values_list("number", "pk"))
    for row in orders:
        row.pk = keys[row.number]
    for rows in (lines, events, payments):
        for each in rows:
            each.order = each.order
        type(rows[0]).objects.bulk_create(rows)
    StockMovement.objects.bulk_create(moved)
    Stock.objects.bulk_update([Stock(pk=pk, on_hand=left[pk]) for pk in sold_of], ["on_hand"], batch_size=1000)

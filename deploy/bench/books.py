#!/usr/bin/env python3
"""Measures invoices and books: documents issued and rendered a second, and what the books of many orders take.

    deploy/bench/books.py --orders 100000       in the empty or so filled database that DATABASE_URL names

It fills the database with paid orders of two rates, one in twenty partly refunded and one in a hundred disputed, issues
their documents, and makes the payouts that hold them. Then each step runs in a process of its own, with the seconds of
processor that it used itself (not the database), the time, and the most memory that it had.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
CHUNK = 2000
# A payout a day of so many orders.
IN_A_PAYOUT = 500
RENDERED = 60
GOODS = (("Miel de lavande", Decimal("12.50"), 2, Decimal("5.5")), ("Bougie", Decimal("18.00"), 1, Decimal("20.0")))
DELIVERY = Decimal("4.90")


def fill(count: int) -> None:
    from apps.orders.models import Order

    already = Order.objects.count()
    for start in range(already, count, CHUNK):
        _fill_chunk(range(start, min(start + CHUNK, count)))


def _fill_chunk(numbers: range) -> None:
    from django.db import transaction

    from apps.common.money import ZERO, vat_included, vat_per_rate
    from apps.orders.models import Order, OrderLine
    from apps.payments.models import Dispute, DisputeMovement, Payment, Payout, PayoutLine, Refund

    lines = [
        (name, price, pieces, rate, vat_included(gross=price * pieces, rate=rate))
        for name, price, pieces, rate in GOODS
    ]
    items = sum((price * pieces for _name, price, pieces, _rate, _vat in lines), ZERO)
    amounts = vat_per_rate([(rate, price * n, vat) for _name, price, n, rate, vat in lines], delivery=DELIVERY)
    orders = [
        Order(
            basket_key=uuid.uuid4(),
            status=Order.Status.CONFIRMED,
            email=f"client.{number}@exemple.fr",
            recipient="Camille Martin",
            line1="12 rue des Halles",
            postcode="69002",
            city="Lyon",
            items_total=items,
            delivery_total=DELIVERY,
            total=items + DELIVERY,
            vat_total=sum((each.vat for each in amounts), ZERO),
            delivery_method="domicile",
            delivery_kind="HOME",
            delivery_name="À domicile",
            payment_method="stripe",
            terms_version="2026-11",
            terms_accepted_at=NOW,
            placed_at=NOW,
            paid_at=NOW,
        )
        for number in numbers
    ]
    with transaction.atomic():
        Order.objects.bulk_create(orders)
        orders = list(Order.objects.filter(basket_key__in=[each.basket_key for each in orders]).order_by("pk"))
        OrderLine.objects.bulk_create(
            OrderLine(
                order=order,
                position=position,
                product_name=name,
                sku=name[:4],
                quantity=pieces,
                unit_price=price,
                total=price * pieces,
                vat_rate=rate,
                vat_amount=vat,
            )
            for order in orders
            for position, (name, price, pieces, rate, vat) in enumerate(lines, start=1)
        )
        Payment.objects.bulk_create(
            Payment(
                order=order,
                gateway="stripe",
                key=f"filled-{order.pk}",
                reference=f"pi_{order.pk}",
                status=Payment.Status.CAPTURED,
                amount=order.total,
                refunded=Decimal("7.30") if order.pk % 20 == 0 else ZERO,
                disputed=Decimal("11.00") if order.pk % 100 == 1 else ZERO,
                captured_at=NOW + timedelta(seconds=order.pk % 3600),
                asked_at=NOW,
            )
            for order in orders
        )
        payments = list(Payment.objects.filter(order__in=orders).order_by("pk"))
        Refund.objects.bulk_create(
            Refund(
                payment=payment,
                key=f"filled-{payment.pk}",
                amount=payment.refunded,
                status=Refund.Status.DONE,
                reference=f"re_{payment.pk}",
                created_at=NOW,
                asked_at=NOW,
                done_at=NOW,
            )
            for payment in payments
            if payment.refunded
        )
        disputed = [payment for payment in payments if payment.disputed]
        Dispute.objects.bulk_create(
            Dispute(
                payment=payment,
                reference=f"dp_{payment.pk}",
                status=Dispute.Status.LOST,
                amount=payment.disputed,
                withdrawn=payment.disputed,
                opened_at=NOW,
                recorded_at=NOW,
                asked_at=NOW,
                closed_at=NOW,
                lost_at=NOW,
            )
            for payment in disputed
        )
        for dispute in Dispute.objects.filter(payment__in=disputed):
            DisputeMovement.objects.create(
                dispute=dispute,
                reference=f"txn_{dispute.reference}",
                amount=-dispute.amount,
                fee=Decimal("20"),
                happened_at=NOW,
                recorded_at=NOW,
            )
        for start in range(0, len(payments), IN_A_PAYOUT):
            some = payments[start : start + IN_A_PAYOUT]
            payout = Payout.objects.create(
                gateway="stripe",
                reference=f"po_{some[0].pk}",
                status=Payout.Status.PAID,
                amount=sum((each.amount - Decimal("1.00") for each in some), ZERO),
                fees=Decimal(len(some)),
                initiated_at=NOW,
                arrival_date=NOW.date(),
                recorded_at=NOW,
                paid_at=NOW,
                itemised_at=NOW,
            )
            PayoutLine.objects.bulk_create(
                PayoutLine(
                    payout=payout,
                    reference=f"txn_{each.pk}",
                    kind=PayoutLine.Kind.PAYMENT,
                    amount=each.amount,
                    fee=Decimal("1.00"),
                    net=each.amount - Decimal("1.00"),
                    happened_at=NOW,
                    source=f"ch_{each.pk}",
                    source_payment=each.reference or "",
                )
                for each in some
            )


def issue() -> int:
    """All documents that are due; how many."""
    from apps.invoicing.models import Chain
    from apps.invoicing.services import issue_missing

    Chain.objects.get_or_create(pk=1)
    issued = 0
    while some := issue_missing(now=NOW, limit=5000, everything=True):
        issued += some
    return issued


def warm_up() -> None:
    from apps.invoicing.services import render_missing

    render_missing(now=NOW, limit=1)


def render() -> int:
    from apps.invoicing.services import render_missing

    return render_missing(now=NOW, limit=RENDERED)


def _month() -> tuple[date, date]:
    from apps.invoicing import books

    return date(2026, 11, 1), books.month_end(date(2026, 11, 1))


def sales_journal() -> int:
    from apps.invoicing import books

    return sum(1 for _line in books.fec(*_month()))


def money_journal() -> int:
    from apps.invoicing import cash_book

    return sum(1 for _line in cash_book.fec(*_month()))


def totals() -> int:
    from apps.invoicing import books

    return len(books.totals(*_month()))


def match() -> int:
    from apps.payments.services.payouts import match_lines

    return match_lines()


def check() -> int:
    from apps.invoicing.services import check_documents
    from apps.payments.services import check_payments

    faults = [*check_documents(), *check_payments()]
    if faults:
        raise SystemExit("\n".join(faults[:20]))
    return len(faults)


def verify() -> int:
    from apps.invoicing.services import verify_chain

    return sum(1 for _fault in verify_chain())


STEPS: dict[str, Callable[[], int]] = {
    "issue": issue,
    "render": render,
    "match": match,
    "sales_journal": sales_journal,
    "money_journal": money_journal,
    "totals": totals,
    "check": check,
    "verify": verify,
}


def step(name: str) -> None:
    """One step in this process: what it counted, seconds of processor and on the clock, and the most memory, in MB. A
    worker has loaded its fonts long before."""
    if name == "render":
        warm_up()
    before, wall = time.process_time(), time.perf_counter()
    counted = STEPS[name]()
    result = {
        "count": counted,
        "cpu": round(time.process_time() - before, 2),
        "wall": round(time.perf_counter() - wall, 2),
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(result))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--step", choices=[*STEPS, "fill"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        import django

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmarket.settings")
        django.setup()
        if options.step == "fill":
            fill(options.orders)
        else:
            step(options.step)
        return
    python = [sys.executable, __file__, "--orders", str(options.orders), "--step"]
    subprocess.run([sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"], check=True)
    subprocess.run([*python, "fill"], check=True)
    print("| step | count | seconds of processor | seconds | MB at most |\n|---|---:|---:|---:|---:|")
    for name in STEPS:
        ran = subprocess.run([*python, name], check=True, capture_output=True, text=True)
        found = json.loads(ran.stdout.splitlines()[-1])
        print(f"| {name} | {found['count']:,} | {found['cpu']} | {found['wall']} | {found['mb']} |", flush=True)


if __name__ == "__main__":
    main()

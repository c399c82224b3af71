"""Judges the shop of DATABASE_URL, and prints as JSON what it holds and what its books say.

python -m webmarket.tests.proofs.recovery.judge [contents] [faults] [orders] [for_sale]
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmarket.settings")
django.setup()

from apps.catalogue.models import ProductCard  # noqa: E402
from apps.operations.services.backup.invariants import faults  # noqa: E402
from apps.operations.services.backup.source import contents  # noqa: E402
from apps.orders.models import Order  # noqa: E402

FOR_SALE = 30


def main() -> None:
    found = {name: READERS[name]() for name in sys.argv[1:] or READERS}
    json.dump(found, sys.stdout)


def for_sale() -> list[list[str]]:
    """SKUs and pages of products of which there are many."""
    cards = ProductCard.objects.filter(in_stock=True, pieces_left=None).exclude(sku="").order_by("pk")[:FOR_SALE]
    return [[card.sku, f"/produit/{card.slug_fr}/"] for card in cards]


READERS = {
    "contents": lambda: {table: [content.rows, content.hash] for table, content in contents("default").items()},
    "faults": lambda: faults("default"),
    "orders": lambda: list(Order.objects.order_by("pk").values_list("number", flat=True)),
    "for_sale": for_sale,
}


if __name__ == "__main__":
    main()

"""Changes a price of the shop by its service for each line that it is given: the amount, then « done » and the time.

python -m webmarket.tests.proofs.set_prices
"""

import os
import sys
import time
from decimal import Decimal

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmarket.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from apps.catalogue.services.listing import refresh_listing  # noqa: E402
from apps.catalogue.services.prices import set_price  # noqa: E402
from apps.catalogue.tests.factories import VariantFactory  # noqa: E402


def main() -> None:
    variant = VariantFactory(price=Decimal("1.00"), product__slug_fr="figues", product__name_fr="Figues", sku="FIGUES")
    refresh_listing(product_ids=[variant.product_id])
    print("ready", flush=True)
    for line in sys.stdin:
        set_price(variant=variant, amount=Decimal(line.strip()), now=timezone.now())
        print("done", time.monotonic(), flush=True)


if __name__ == "__main__":
    main()

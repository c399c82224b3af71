"""The web process of a proof: places orders by the services, and sends the sweep's task like the timetable.

python -m webmarket.tests.proofs.place_orders SECONDS_BETWEEN ENOUGH

It places orders until the file ENOUGH exists, and sends the sweep's task until it is terminated.
"""

import os
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmarket.settings")
django.setup()

from apps.catalogue.tests.factories import VariantFactory  # noqa: E402
from apps.checkout.tests.factories import placed_order  # noqa: E402
from apps.common.outbox import send_pending_emails  # noqa: E402

SWEEP_EVERY = 50


def main() -> None:
    pause, enough = float(sys.argv[1]), Path(sys.argv[2])
    variant = VariantFactory(on_hand=1_000_000)
    number = 0
    while True:
        if not enough.exists():
            placed_order((variant, 1), payment=("on_collection", "bank_transfer")[number % 2])
        # More often would fill the queue with repeated tasks.
        if number % SWEEP_EVERY == 0:
            send_pending_emails.delay()
        number += 1
        time.sleep(pause)


if __name__ == "__main__":
    main()

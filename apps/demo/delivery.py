"""Loads the delivery methods and pick-up points of the demo shop."""

import tomllib
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from apps.delivery.models import DeliveryMethod, PickupPoint, WeightBracket

DATA = Path(__file__).with_suffix(".toml")


def load_delivery_methods() -> int:
    """Add the modes that are missing by their code, each with its brackets; returns how many. A repeat adds none."""
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    with transaction.atomic():
        existing = set(DeliveryMethod.objects.values_list("code", flat=True))
        added = {}
        for place, given in enumerate(data["method"]):
            if given["code"] in existing:
                continue
            method = DeliveryMethod.objects.create(
                code=given["code"],
                kind=given["kind"],
                name_fr=given["name"][0],
                name_en=given["name"][1],
                description_fr=given["text"][0],
                description_en=given["text"][1],
                free_from=Decimal(given["free_from"]) if "free_from" in given else None,
                min_days=given["days"][0],
                max_days=given["days"][1],
                position=place,
            )
            WeightBracket.objects.bulk_create(
                WeightBracket(method=method, up_to_g=up_to_g, price=Decimal(price))
                for up_to_g, price in given["brackets"]
            )
            added[method.code] = method
        PickupPoint.objects.bulk_create(
            PickupPoint(**point | {"method": added[point["method"]]})
            for point in data["point"]
            if point["method"] in added
        )
    return len(added)

"""Invented reviews and questions of the demo shop's products."""

import tomllib
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from django.db import transaction

from apps.catalogue.models import Product
from apps.comments.models import Comment
from apps.comments.sections import section_of
from apps.comments.services.refresh import refresh_section

DATA = Path(__file__).with_suffix(".toml")


def load_reviews(*, now: datetime) -> int:
    """Add the reviews of products that have none yet; returns how many.

    A repeat adds none. Their purchases are invented too, so only a demonstration loads them.
    """
    added = 0
    given = tomllib.loads(DATA.read_text(encoding="utf-8"))["product"]
    products = dict(Product.objects.filter(slug_fr__in=[entry["slug"] for entry in given]).values_list("slug_fr", "pk"))
    for entry in given:
        if entry["slug"] not in products:
            continue
        section = section_of(products[entry["slug"]])
        with transaction.atomic():
            if Comment.objects.filter(section_id=section).exists():
                continue
            written = Comment.objects.bulk_create(
                Comment(
                    section_id=section,
                    author=review["author"],
                    text=review["text"],
                    rating=review["rating"],
                    language=review.get("language", "fr"),
                    status=Comment.Status.PUBLISHED,
                    first_status=Comment.Status.PUBLISHED,
                    bought_on=(now - timedelta(days=review["days"] + 8)).date(),
                    buyer_email=sha256(f"demo {section} {place}".encode()).hexdigest(),
                    created_at=now - timedelta(days=review["days"]),
                )
                for place, review in enumerate(entry["review"])
            )
            refresh_section(section)
        added += len(written)
    return added

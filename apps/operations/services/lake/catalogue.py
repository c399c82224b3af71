"""The catalogue in our own exchange format, in files so small that a changed product changes one of them."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Max, Min

from apps.catalogue.models import Product
from apps.imports.catalogue.export import write_definitions, write_products
from apps.operations.services.lake.manifest import packed

PRODUCTS_PER_FILE = 1000


@dataclass(frozen=True)
class File:
    name: str
    content: bytes
    rows: int


def catalogue_files() -> Iterator[File]:
    """Gzipped CSV, one file at a time: rayons, brands and attributes, then products by a thousand primary keys.

    What somebody noted beside a price stays here: a free text may name a person.
    """
    stream = _stream()
    rows = write_definitions(stream)
    yield File("definitions.csv.gz", _packed(stream), rows)
    bounds = Product.objects.aggregate(first=Min("pk"), last=Max("pk"))
    if bounds["first"] is None:
        return
    for block in range(bounds["first"] // PRODUCTS_PER_FILE, bounds["last"] // PRODUCTS_PER_FILE + 1):
        start = block * PRODUCTS_PER_FILE
        stream = _stream()
        products = Product.objects.filter(pk__gte=start, pk__lt=start + PRODUCTS_PER_FILE)
        if rows := write_products(stream, products, with_reasons=False):
            yield File(f"products-{block:06d}.csv.gz", _packed(stream), rows)


def _stream() -> io.StringIO:
    return io.StringIO(newline="")


def _packed(stream: io.StringIO) -> bytes:
    return packed(stream.getvalue().encode("utf-8-sig"))

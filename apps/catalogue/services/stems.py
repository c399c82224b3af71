"""Stems of the stored pictures that are in use: an image's file and its renditions share a stem, the name without width
and extension."""

import re
from collections.abc import Collection

from apps.catalogue.models import ProductImage

_ENDING = re.compile(r"(-\d+)?\.[a-z]+$")
FOLDER = "products/"


def stem_of(name: str) -> str:
    return _ENDING.sub("", name)


def stems_in_use() -> set[str]:
    """About 100 bytes of memory for each image."""
    named = ProductImage.objects.exclude(file="").order_by().values_list("file", "renditions")
    return {stem for file, renditions in named.iterator(chunk_size=5000) for stem in _stems(file, renditions)}


def still_in_use(products: Collection[int]) -> set[str]:
    """The same for some products, to be checked again just before their files are deleted."""
    named = ProductImage.objects.filter(product__in=products).exclude(file="").order_by()
    return {stem for row in named.values_list("file", "renditions") for stem in _stems(*row)}


def _stems(file: str, renditions: list[dict[str, str]]) -> set[str]:
    # Both, with and without an ending: « photo-640.jpg » may be a master of that very name.
    return {file.rpartition(".")[0], stem_of(file), *(rendition["stem"] for rendition in renditions)}

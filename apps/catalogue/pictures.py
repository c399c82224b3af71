"""`<picture>` elements of product images, from plain values and without a query.

`ProductImage.renditions` is a list with one entry per format, best first:

    [{"format": "avif", "stem": "products/12/9f2c…", "widths": [320, 640, 960, 1200]},
     {"format": "webp", "stem": "products/12/9f2c…", "widths": [320, 640, 960, 1200]}]

A file is named `{stem}-{width}.{format}`. The stem carries a hash of the content, so that a URL never changes its
meaning and may be cached for ever. The list is empty until the files are rendered; until then pages show the master.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.storage import default_storage

FALLBACK_WIDTH = 640
"""The width that a browser without `srcset` gets."""


@dataclass(frozen=True, slots=True)
class Source:
    """One `<source>`: `type` is a media type, `srcset` a list of URLs with widths."""

    type: str
    srcset: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A `<picture>`: its sources, and the `<img>` with the master's width and height, which keep its place free."""

    src: str
    width: int
    height: int
    alt: str
    sources: tuple[Source, ...] = ()
    large: str = ""
    """The widest file that every browser and social network shows; for Open Graph, JSON-LD and zooming."""


def picture(*, file: str, renditions: Sequence[dict[str, Any]], width: int, height: int, alt: str) -> Picture | None:
    """None when there is no file (yet): the page shows its placeholder."""
    if not file:
        return None
    sources = []
    urls: dict[str, str] = {}
    src = ""
    for rendition in renditions:
        stem, extension, widths = rendition["stem"], rendition["format"], rendition["widths"]
        url = urls.get(stem) or urls.setdefault(stem, default_storage.url(stem))
        sources.append(
            Source(f"image/{extension}", ", ".join(f"{url}-{width}.{extension} {width}w" for width in widths))
        )
        if extension == "webp":
            fallback = min((candidate for candidate in widths if candidate >= FALLBACK_WIDTH), default=max(widths))
            src = f"{url}-{fallback}.webp"
    large = default_storage.url(file)
    return Picture(src=src or large, width=width, height=height, alt=alt, sources=tuple(sources), large=large)

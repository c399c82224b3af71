"""Rasterises illustrations on every core: the slow part of a first start."""

import hashlib
import io
import multiprocessing
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

from PIL import Image

from apps.demo.catalogue.illustrations import rasterise

MASTER_WIDTH = 1200
QUICK_WIDTHS = (320, 640)
"""Rendered at once, so that the first page is light; workers render the other widths and AVIF."""
_QUICK = {"quality": 82, "method": 2}


@dataclass(frozen=True, slots=True)
class Print:
    """A master as PNG and small WebP files by width."""

    svg: str
    master: bytes
    small: dict[int, bytes]


def svg_hash(svg: str) -> str:
    return hashlib.sha256(svg.encode()).hexdigest()[:16]


def print_one(svg: str, *, width: int = MASTER_WIDTH) -> Print:
    master = rasterise(svg, width=width)
    small = {}
    with Image.open(io.BytesIO(master)) as opened:
        picture = opened.convert("RGB")
    for target in sorted((size for size in QUICK_WIDTHS if size <= width), reverse=True):
        picture = picture.resize((target, target), Image.Resampling.LANCZOS, reducing_gap=2.0)
        buffer = io.BytesIO()
        picture.save(buffer, "WEBP", **_QUICK)
        small[target] = buffer.getvalue()
    return Print(svg, master, dict(sorted(small.items())))


def print_all(svgs: Iterable[str], *, width: int = MASTER_WIDTH, processes: int | None = None) -> Iterator[Print]:
    """In the order given. One process when there is one core or little to do."""
    sheets = list(svgs)
    processes = min(processes or os.cpu_count() or 1, len(sheets))
    work = partial(print_one, width=width)
    if processes < 2:
        yield from map(work, sheets)
        return
    # Not fork: the parent may hold a database connection and the threads of a progress bar.
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(work, sheets, chunksize=4)

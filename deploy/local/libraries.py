"""The system's libraries that invoices are rendered with (WeasyPrint loads Pango)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from ctypes.util import find_library
from pathlib import Path

from debian import install
from environment import Unusable, say

FONTS = Path("/usr/share/fonts/truetype/dejavu")
# Library → Debian package; the same packages as ansible/roles/webmarket/vars/main.yml.
LIBRARIES = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}
FONT_PACKAGE = "fonts-dejavu-core"


def missing_libraries() -> Iterator[str]:
    """Their packages."""
    yield from (package for library, package in LIBRARIES.items() if not find_library(library))
    if not FONTS.exists():
        yield FONT_PACKAGE


def install_libraries() -> None:
    """As root on Debian; elsewhere, or without a network, say what is missing. The shop runs without, and renders its
    invoices once they are there."""
    missing = sorted(missing_libraries())
    if not missing:
        return
    wanted = f"PDFs of invoices need {', '.join(missing)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say(f"{wanted}, which only root on Debian can have installed.")
        return
    say(f"Installing {', '.join(missing)} …")
    try:
        install(missing)
    except Unusable as error:
        say(f"{wanted}: {error}")

"""The shop's picture in every size that browsers and telephones ask for."""

import hashlib
from collections.abc import Mapping
from io import BytesIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageOps

# Name -> edge in pixels.
SIZES = {"icon-512.png": 512, "icon-192.png": 192, "apple-touch-icon.png": 180, "mark.png": 96}
FAVICON = "favicon.ico"
FAVICON_SIZES = [(16, 16), (32, 32), (48, 48)]
PAPER = (251, 248, 242)


def make_icons(content: bytes) -> str:
    """Write all sizes of a checked picture to media storage; returns their folder, named by the picture's hash.

    The whole picture is fitted into a square. A telephone's icon has no transparency.
    """
    folder = f"shop/{hashlib.sha256(content).hexdigest()[:20]}"
    picture = ImageOps.exif_transpose(Image.open(BytesIO(content))).convert("RGBA")
    for name, edge in SIZES.items():
        square = _square(picture, edge)
        if name == "apple-touch-icon.png":
            opaque = Image.new("RGB", square.size, PAPER)
            opaque.paste(square, mask=square)
            square = opaque
        _write(f"{folder}/{name}", square, "PNG", optimize=True)
    _write(f"{folder}/{FAVICON}", _square(picture, 48), "ICO", sizes=FAVICON_SIZES)
    return folder


def icon_urls(folder: str) -> Mapping[str, str]:
    """URLs by name; empty where the shop has no picture."""
    return {name: default_storage.url(f"{folder}/{name}") for name in (*SIZES, FAVICON)} if folder else {}


def _square(picture: Image.Image, edge: int) -> Image.Image:
    fitted = ImageOps.contain(picture, (edge, edge), Image.Resampling.LANCZOS)
    square = Image.new("RGBA", (edge, edge), (0, 0, 0, 0))
    square.paste(fitted, ((edge - fitted.width) // 2, (edge - fitted.height) // 2))
    return square


def _write(name: str, picture: Image.Image, kind: str, **options: object) -> None:
    """Under exactly this name: the same picture was written before where there is one."""
    if default_storage.exists(name):
        return
    content = BytesIO()
    picture.save(content, kind, **options)
    default_storage.save(name, ContentFile(content.getvalue()))

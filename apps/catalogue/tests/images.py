"""Pictures for tests, made in memory."""

import io
import struct
import zlib

from PIL import Image

UPRIGHT_AFTER_QUARTER_TURN = 6


def picture_bytes(extension: str = "png", size: tuple[int, int] = (800, 600), mode: str = "RGB", **options) -> bytes:
    buffer = io.BytesIO()
    colour = {"RGB": (197, 65, 42), "RGBA": (197, 65, 42, 90), "CMYK": (0, 67, 79, 23)}[mode]
    Image.new(mode, size, colour).save(buffer, extension.upper(), **options)
    return buffer.getvalue()


def turned_photograph() -> bytes:
    """A JPEG 400 × 300 whose EXIF says that it stands on its side and where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = UPRIGHT_AFTER_QUARTER_TURN
    exif.get_ifd(0x8825)[1] = "N"
    return picture_bytes("jpeg", (400, 300), exif=exif)


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few bytes whose header announces 3.6 thousand million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")

"""Images: from untrusted bytes to the files that pages show.

Every picture passes through `clean`, whether uploaded in the admin, downloaded or imported. It reads the bytes, never a
name or a declared type, and returns a new file: upright, without EXIF (which may hold the place where a photograph was
taken), in sRGB, no larger than a page can use.
"""

import hashlib
import io
import time
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Value
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

from apps.catalogue.models import ProductImage
from apps.catalogue.services.listing import refresh_listing
from apps.common.errors import DomainError

logger = structlog.get_logger(__name__)
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000
MASTER_SIDE = 2400
"""Longest side of a stored file; larger pictures are reduced."""
WIDTHS = (320, 640, 960, 1200)
ENCODERS: dict[str, dict[str, Any]] = {
    "avif": {"quality": 62, "speed": 8},
    "webp": {"quality": 82, "method": 4},
}
"""Formats of the renditions, best first."""


class ImageRefused(DomainError):
    """`code` is the reason: too_heavy, not_an_image, too_many_pixels."""

    def __init__(self, code: str, message: str, **details: object) -> None:
        super().__init__(message, **details)
        self.code = code


@dataclass(frozen=True, slots=True)
class CleanImage:
    """A file that may be stored; `content_hash` is the beginning of its SHA-256."""

    content: bytes
    extension: str
    width: int
    height: int
    content_hash: str

    @property
    def filename(self) -> str:
        return f"{self.content_hash}.{self.extension}"


def clean(content: bytes) -> CleanImage:
    """Decode, check, turn upright and encode anew. Of an animation only the first frame is used.

    Raises ImageRefused. The number of pixels is read from the header before anything is decompressed.
    """
    check_weight(len(content))
    try:
        # Pillow warns from half of its own limit on; ours is lower and is checked before any pixel is decoded.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                _check_pixels(picture.width * picture.height)
                picture.load()
                upright = _in_srgb(ImageOps.exif_transpose(picture))
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    # Damaged files make decoders raise nearly anything.
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError) as error:
        raise not_an_image() from error
    upright.thumbnail((MASTER_SIDE, MASTER_SIDE), Image.Resampling.LANCZOS)
    extension, options = ("webp", {"quality": 90, "method": 3})
    body = _encode(upright, extension, options)
    return CleanImage(body, extension, upright.width, upright.height, hashlib.sha256(body).hexdigest()[:20])


def check_weight(size: int) -> None:
    """Raises ImageRefused above MAX_BYTES, so that a face can refuse before it reads."""
    if size > MAX_BYTES:
        raise ImageRefused(
            "too_heavy",
            _("Cette image pèse plus de %(limit)s Mo. Réduisez-la, puis recommencez.")
            % {"limit": number_format(MAX_BYTES // 1024**2)},
        )


def check_upload(upload: File) -> CleanImage:
    """`clean` for the file of an admin form. Raises ImageRefused with a sentence to show."""
    check_weight(upload.size)
    upload.seek(0)
    return clean(upload.read())


def _check_pixels(pixels: int) -> None:
    if pixels > MAX_PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> ImageRefused:
    return ImageRefused(
        "too_many_pixels",
        _("Cette image compte plus de %(limit)s millions de pixels. Réduisez-la, puis recommencez.")
        % {"limit": number_format(MAX_PIXELS // 1_000_000)},
    )


def not_an_image() -> ImageRefused:
    return ImageRefused(
        "not_an_image",
        _("Ce fichier n’est pas une image que nous savons lire. Choisissez un fichier JPEG, PNG, WebP, AVIF ou GIF."),
    )


def _in_srgb(picture: Image.Image) -> Image.Image:
    """RGB or RGBA without any metadata."""
    transparent = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    alpha = picture.convert("RGBA").getchannel("A") if transparent else None
    plain = picture if picture.mode in ("RGB", "CMYK", "L") else picture.convert("RGB")
    plain = _without_profile(plain, picture.info.get("icc_profile")).convert("RGB")
    if alpha is not None:
        plain.putalpha(alpha)
    plain.info.clear()
    return plain


def _without_profile(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The same colours in sRGB. A profile that cannot be read, or is for another kind of picture, is left out."""
    if not profile:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(picture, source, target, outputMode="RGB") or picture
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture


def _encode(picture: Image.Image, extension: str, options: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, extension.upper(), **options)
    return buffer.getvalue()


def store_file(name: str, content: bytes) -> None:
    """Store under exactly this name. The name holds the content's hash, so a file that exists has the same content."""
    if default_storage.exists(name):
        return
    saved = default_storage.save(name, ContentFile(content))
    if saved != name:
        # Another worker stored the same content in between; the storage gave ours another name.
        default_storage.delete(saved)


def store_image(*, image: ProductImage, picture: CleanImage) -> None:
    """Give an image its file and show it at once; its renditions follow within a minute (`render_pending`).

    A repeat with the same picture changes nothing. Updates the instance that was passed.
    """
    name = f"products/{image.product_id}/{picture.filename}"
    if (
        image.file.name == name
        and image.state == ProductImage.State.READY
        and (image.renditions or image.awaits_renditions)
    ):
        return
    store_file(name, picture.content)
    values = {
        "file": name,
        "width": picture.width,
        "height": picture.height,
        "renditions": [],
        "awaits_renditions": True,
        "state": ProductImage.State.READY,
        "failure": "",
        "retry_at": None,
        "given_up": 0,
    }
    with transaction.atomic():
        ProductImage.objects.filter(pk=image.pk).update(**values)
        refresh_listing(product_ids=[image.product_id])
    image.refresh_from_db(fields=list(values))


def render_renditions(*, image_id: int) -> bool:
    """Render the AVIF and WebP files of one image and list them on it; False when there was nothing to do.

    Takes seconds of CPU and no lock. A repeat finds its files and changes nothing; if the image's file was replaced
    meanwhile, nothing is written.
    """
    image = ProductImage.objects.filter(pk=image_id).first()
    if image is None:
        return False
    if not image.file:
        ProductImage.objects.filter(pk=image_id, file="").update(awaits_renditions=False)
        return False
    name = str(image.file.name)
    with default_storage.open(name) as stored:
        content = stored.read()
    renditions = renditions_of(content, stem=name.rpartition(".")[0])
    with transaction.atomic(durable=True):
        updated = ProductImage.objects.filter(pk=image_id, file=name).update(
            renditions=renditions, awaits_renditions=False
        )
        if not updated or renditions == image.renditions:
            return False
        refresh_listing(product_ids=[image.product_id])
    return True


def render_pending(*, seconds: float) -> bool:
    """Render pending renditions, the oldest first, for about as many seconds; True when some are still pending. A
    picture that cannot be rendered is logged and skipped for good: pages show its master."""
    ends = time.monotonic() + seconds
    waiting = ProductImage.objects.filter(awaits_renditions=Value(True)).order_by("pk")
    while image := waiting.only("file").first():
        if time.monotonic() >= ends:
            return True
        try:
            render_renditions(image_id=image.pk)
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            logger.error("renditions_failed", image_id=image.pk, error=str(error))
            waiting.filter(pk=image.pk, file=image.file.name).update(awaits_renditions=False)
    return False


def renditions_of(
    content: bytes, *, stem: str, formats: Iterable[str] = ENCODERS, widths: Sequence[int] = WIDTHS
) -> list[dict[str, Any]]:
    """Store the renditions of one picture and describe them as `ProductImage.renditions` does (see pictures.py).

    Never enlarges: a picture narrower than the smallest width is rendered at its own.
    """
    with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
        picture = opened.convert("RGBA" if "A" in opened.getbands() else "RGB")
    fitting = [width for width in widths if width <= picture.width] or [picture.width]
    renditions = []
    for extension in formats:
        for width in fitting:
            name = f"{stem}-{width}.{extension}"
            if default_storage.exists(name):
                continue
            height = max(1, round(picture.height * width / picture.width))
            resized = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
            store_file(name, _encode(resized, extension, ENCODERS[extension]))
        renditions.append({"format": extension, "stem": stem, "widths": fitting})
    return renditions

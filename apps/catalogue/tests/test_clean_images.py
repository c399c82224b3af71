import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageCms

from apps.catalogue.forms import CheckedImageField
from apps.catalogue.services.images import MASTER_SIDE, MAX_BYTES, ImageRefused, clean
from apps.catalogue.tests.images import bomb, picture_bytes, turned_photograph


@pytest.mark.parametrize("extension", ["jpeg", "png", "webp", "avif", "gif"])
def test_keeps_every_format_a_browser_may_bring(extension):
    picture = clean(picture_bytes(extension))

    assert (picture.width, picture.height) == (800, 600)
    assert Image.open(io.BytesIO(picture.content)).format == "WEBP"


def test_turns_upright_and_forgets_where_it_was_taken():
    picture = clean(turned_photograph())

    assert (picture.width, picture.height) == (300, 400)
    assert not Image.open(io.BytesIO(picture.content)).getexif()


def test_the_same_picture_has_the_same_name():
    assert clean(picture_bytes()).filename == clean(picture_bytes()).filename
    assert clean(picture_bytes()).filename != clean(picture_bytes(size=(801, 600))).filename


def test_keeps_transparency():
    picture = clean(picture_bytes("png", mode="RGBA"))

    assert Image.open(io.BytesIO(picture.content)).mode == "RGBA"


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("profile", [ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), b"broken"])
def test_a_colour_profile_is_applied_and_left_out(mode, profile):
    cleaned = Image.open(io.BytesIO(clean(picture_bytes("png", mode=mode, icc_profile=profile)).content))

    assert "icc_profile" not in cleaned.info
    assert cleaned.mode == mode
    assert cleaned.getpixel((10, 10))[0] == pytest.approx(197, abs=4)


def test_turns_printers_colours_into_screen_colours():
    assert Image.open(io.BytesIO(clean(picture_bytes("jpeg", mode="CMYK")).content)).mode == "RGB"


def test_takes_the_first_frame_of_an_animation():
    buffer = io.BytesIO()
    frames = [Image.new("RGB", (50, 50), colour) for colour in ("red", "blue")]
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])

    cleaned = Image.open(io.BytesIO(clean(buffer.getvalue()).content))

    assert getattr(cleaned, "n_frames", 1) == 1
    assert cleaned.convert("RGB").getpixel((25, 25))[0] > 200


def test_reduces_what_is_larger_than_a_page_can_use():
    picture = clean(picture_bytes("jpeg", (5000, 2500)))

    assert (picture.width, picture.height) == (MASTER_SIDE, MASTER_SIDE // 2)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not_an_image"),
        (b"%PDF-1.7", "not_an_image"),
        (picture_bytes("bmp"), "not_an_image"),
        (picture_bytes("tiff"), "not_an_image"),
        (picture_bytes("jpeg")[:700], "not_an_image"),
        (picture_bytes("png")[:-40], "not_an_image"),
        (picture_bytes("webp")[:100], "not_an_image"),
        (bomb(), "too_many_pixels"),
        (bomb(8000, 6000), "too_many_pixels"),
        (b"\0" * (MAX_BYTES + 1), "too_heavy"),
    ],
    ids=["empty", "svg", "pdf", "bmp", "tiff", "cut jpeg", "cut png", "cut webp", "bomb", "48 megapixels", "8 MB"],
)
def test_refuses_what_it_cannot_show(content, code):
    with pytest.raises(ImageRefused) as refusal:
        clean(content)

    assert refusal.value.code == code


def test_a_form_gives_back_the_fresh_file():
    upload = SimpleUploadedFile("../../Vacances à Nice.jpg", turned_photograph(), "image/jpeg")

    cleaned = CheckedImageField().clean(upload)

    assert cleaned.name == clean(turned_photograph()).filename
    assert Image.open(cleaned).size == (300, 400)


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"#!/bin/sh", "not_an_image"), (bomb(), "too_many_pixels"), (b"\0" * (MAX_BYTES + 1), "too_heavy")],
)
def test_a_form_says_in_french_what_is_wrong(content, code):
    with pytest.raises(ValidationError) as refusal:
        CheckedImageField().clean(SimpleUploadedFile("photo.jpg", content, "image/jpeg"))

    assert refusal.value.code == code
    assert refusal.value.messages[0].startswith(("Cette image", "Ce fichier"))

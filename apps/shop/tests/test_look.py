from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from apps.shop.colours import AA, CARD_DARK, INK, PAPER, WHITE, contrast, is_colour, on_paper, palette
from apps.shop.icons import FAVICON, SIZES, icon_urls, make_icons


def test_contrast_is_wcag_s():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#256b4c", PAPER) > AA > on_paper("#e8b23f")


def test_a_colour_is_six_digits():
    assert [is_colour(text) for text in ("#256b4c", "#256b4", "256b4c", "red", "#256b4c;}", "#25６b4c")] == [
        *(True, False, False, False, False, False),
    ]


@pytest.mark.parametrize("colour", ["#256b4c", "#b9381f", "#1a1a1a", "#0000ff", "#6a1b9a", "#757500", "#000000"])
def test_whatever_is_made_of_a_good_colour_can_be_read(colour):
    assert on_paper(colour) >= AA
    found = palette(colour)
    light = [(found.leaf, PAPER), (found.leaf, WHITE), (WHITE, found.leaf), (found.leaf, found.leaf_soft)]
    light += [(found.leaf_deep, PAPER), (WHITE, found.leaf_deep)]
    dark = [(found.dark_leaf, CARD_DARK), (found.dark_leaf, "#151b18"), (INK, found.dark_leaf)]
    dark += [(found.dark_leaf, found.dark_leaf_soft), (found.dark_leaf_deep, CARD_DARK), (INK, found.dark_leaf_deep)]
    assert [(pair, contrast(*pair)) for pair in (*light, *dark) if contrast(*pair) < AA] == []


def picture(size=(900, 300), colour=(185, 56, 31)) -> bytes:
    content = BytesIO()
    Image.new("RGB", size, colour).save(content, "PNG")
    return content.getvalue()


def test_one_picture_makes_every_size():
    folder = make_icons(picture())
    for name, edge in SIZES.items():
        with default_storage.open(f"{folder}/{name}") as file:
            icon = Image.open(file)
            assert icon.size == (edge, edge)
            # The whole picture is there, with room above and below it.
            assert icon.convert("RGBA").getpixel((edge // 2, edge // 2))[:3] == (185, 56, 31)
            assert icon.mode == ("RGB" if name == "apple-touch-icon.png" else "RGBA")
    with default_storage.open(f"{folder}/{FAVICON}") as file:
        assert Image.open(file).info["sizes"] == {(16, 16), (32, 32), (48, 48)}
    assert set(icon_urls(folder)) == {*SIZES, FAVICON}


def test_the_same_picture_is_written_once():
    assert make_icons(picture()) == make_icons(picture())
    assert make_icons(picture((300, 900))) != make_icons(picture())


def test_a_shop_without_a_picture_has_no_urls():
    assert icon_urls("") == {}

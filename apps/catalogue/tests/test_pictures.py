import pytest

from apps.catalogue.pictures import Source, picture


def test_offers_every_format_and_width_best_first():
    result = picture(
        file="products/1/abc.png",
        renditions=[
            {"format": "avif", "stem": "products/1/abc", "widths": [320, 640]},
            {"format": "webp", "stem": "products/1/abc", "widths": [320, 640, 1200]},
        ],
        width=1200,
        height=900,
        alt="Un camembert",
    )

    assert result is not None
    assert result.sources[0] == Source(
        "image/avif", "/media/products/1/abc-320.avif 320w, /media/products/1/abc-640.avif 640w"
    )
    assert result.src == "/media/products/1/abc-640.webp"
    assert result.large == "/media/products/1/abc.png"
    assert (result.width, result.height, result.alt) == (1200, 900, "Un camembert")


def test_shows_the_master_until_renditions_are_drawn():
    result = picture(file="products/1/abc.png", renditions=[], width=800, height=800, alt="")

    assert result is not None
    assert result.src == result.large == "/media/products/1/abc.png"
    assert result.sources == ()


def test_a_small_image_falls_back_to_its_widest_rendition():
    result = picture(
        file="a.png", renditions=[{"format": "webp", "stem": "a", "widths": [200]}], width=200, height=200, alt=""
    )

    assert result is not None
    assert result.src == "/media/a-200.webp"


@pytest.mark.parametrize("renditions", [[], [{"format": "webp", "stem": "a", "widths": [320]}]])
def test_without_a_file_there_is_no_picture(renditions):
    assert picture(file="", renditions=renditions, width=0, height=0, alt="") is None

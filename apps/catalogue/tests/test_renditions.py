import io

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from apps.catalogue.models import CatalogueRevision, ProductImage
from apps.catalogue.pictures import picture
from apps.catalogue.services.images import clean, draw_renditions, renditions_of, store_image
from apps.catalogue.tests.factories import ProductFactory
from apps.catalogue.tests.images import picture_bytes

pytestmark = pytest.mark.django_db


def stored(content: bytes, django_capture_on_commit_callbacks) -> ProductImage:
    image = ProductImage.objects.create(product=ProductFactory(), state=ProductImage.State.WANTED)
    with django_capture_on_commit_callbacks(execute=True):
        store_image(image=image, picture=clean(content))
    image.refresh_from_db()
    return image


def test_draws_each_format_at_each_width_after_commit(django_capture_on_commit_callbacks):
    image = stored(picture_bytes(size=(1300, 650)), django_capture_on_commit_callbacks)

    assert [(entry["format"], entry["widths"]) for entry in image.renditions] == [
        ("avif", [320, 640, 960, 1200]),
        ("webp", [320, 640, 960, 1200]),
    ]
    for entry in image.renditions:
        for width in entry["widths"]:
            with default_storage.open(f"{entry['stem']}-{width}.{entry['format']}") as file:
                drawn = Image.open(io.BytesIO(file.read()))
            assert drawn.format == entry["format"].upper()
            assert drawn.size == (width, width // 2)


def test_a_page_can_show_what_was_drawn(django_capture_on_commit_callbacks):
    image = stored(picture_bytes(size=(700, 700)), django_capture_on_commit_callbacks)

    shown = picture(
        file=image.file.name, renditions=image.renditions, width=image.width, height=image.height, alt="Un bol"
    )

    assert shown is not None
    assert [source.type for source in shown.sources] == ["image/avif", "image/webp"]
    assert shown.src.endswith("-640.webp")


def test_never_enlarges():
    renditions = renditions_of(picture_bytes(size=(200, 100)), stem="products/small")

    assert {tuple(entry["widths"]) for entry in renditions} == {(200,)}


def test_a_repeat_changes_nothing(django_capture_on_commit_callbacks):
    image = stored(picture_bytes(), django_capture_on_commit_callbacks)
    revision = CatalogueRevision.objects.get().number

    assert draw_renditions(image_id=image.pk) is False
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        store_image(image=image, picture=clean(picture_bytes()))

    assert callbacks == []
    assert CatalogueRevision.objects.get().number == revision


def test_pages_are_dropped_when_a_picture_comes(django_capture_on_commit_callbacks):
    stored(picture_bytes(), django_capture_on_commit_callbacks)

    assert CatalogueRevision.objects.get().number > 1


def test_an_image_deleted_meanwhile_is_not_an_error():
    assert draw_renditions(image_id=123456) is False

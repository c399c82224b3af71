import io

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from apps.catalogue import tasks
from apps.catalogue.models import CatalogueRevision, ProductImage
from apps.catalogue.pictures import picture
from apps.catalogue.services import images
from apps.catalogue.services.images import clean, render_renditions, renditions_of, store_image
from apps.catalogue.tests.factories import ProductFactory
from apps.catalogue.tests.images import picture_bytes

pytestmark = pytest.mark.django_db


def waiting(content: bytes | None = None) -> ProductImage:
    image = ProductImage.objects.create(product=ProductFactory(), state=ProductImage.State.WANTED)
    store_image(image=image, picture=clean(content or picture_bytes()))
    return image


def stored(content: bytes) -> ProductImage:
    image = waiting(content)
    tasks.render_pending()
    image.refresh_from_db()
    return image


def test_draws_each_format_at_each_width_in_a_task():
    image = stored(picture_bytes(size=(1300, 650)))

    assert [(entry["format"], entry["widths"]) for entry in image.renditions] == [
        ("avif", [320, 640, 960, 1200]),
        ("webp", [320, 640, 960, 1200]),
    ]
    for entry in image.renditions:
        for width in entry["widths"]:
            with default_storage.open(f"{entry['stem']}-{width}.{entry['format']}") as file:
                rendered = Image.open(io.BytesIO(file.read()))
            assert rendered.format == entry["format"].upper()
            assert rendered.size == (width, width // 2)


def test_a_page_can_show_what_was_drawn():
    image = stored(picture_bytes(size=(700, 700)))

    result = picture(
        file=image.file.name, renditions=image.renditions, width=image.width, height=image.height, alt="Un bol"
    )

    assert result is not None
    assert [source.type for source in result.sources] == ["image/avif", "image/webp"]
    assert result.src.endswith("-640.webp")


def test_never_enlarges():
    renditions = renditions_of(picture_bytes(size=(200, 100)), stem="products/small")

    assert {tuple(entry["widths"]) for entry in renditions} == {(200,)}


def test_a_repeat_changes_nothing():
    image = stored(picture_bytes())
    revision = CatalogueRevision.objects.get().number

    assert render_renditions(image_id=image.pk) is False
    store_image(image=image, picture=clean(picture_bytes()))

    image.refresh_from_db()
    assert not image.awaits_renditions
    assert CatalogueRevision.objects.get().number == revision


def test_pages_are_dropped_when_a_picture_comes():
    stored(picture_bytes())

    assert CatalogueRevision.objects.get().number > 1


def test_an_image_deleted_meanwhile_is_not_an_error():
    assert render_renditions(image_id=123456) is False


def test_an_import_draws_a_turn_at_a_time_and_queues_up_again(monkeypatch):
    both = [waiting(), waiting()]
    turns = []
    monkeypatch.setattr(tasks, "RENDERING_TURN_SECONDS", 1e-6)
    monkeypatch.setattr(tasks.render_pending, "delay", lambda chain: turns.append(chain))
    clock = iter([0.0, 0.0, 1.0])
    monkeypatch.setattr("apps.catalogue.services.images.time.monotonic", lambda: next(clock))
    tasks.render_pending()
    assert len(turns) == 1
    assert [still_waits(image) for image in both] == [False, True]
    # Another one meanwhile, from the timetable or a worker that died, leaves it to the chain that works.
    tasks.render_pending()
    assert [still_waits(image) for image in both] == [False, True]
    monkeypatch.undo()
    tasks.render_pending(chain=turns[0])
    assert [still_waits(image) for image in both] == [False, False]
    # The chain has ended: the next picture starts a new one.
    later = waiting()
    tasks.render_pending()
    assert not still_waits(later)


def test_a_picture_that_cannot_be_drawn_does_not_stop_the_others():
    broken, without_file, fine = waiting(), waiting(), waiting()
    default_storage.delete(broken.file.name)
    ProductImage.objects.filter(pk=without_file.pk).update(file="")
    tasks.render_pending()
    assert not any(still_waits(image) for image in (broken, without_file, fine))
    fine.refresh_from_db()
    assert fine.renditions


def test_a_picture_replaced_while_it_fails_is_still_drawn(monkeypatch):
    image = waiting()
    rendered = images.render_renditions

    def replaced(*, image_id):
        monkeypatch.setattr(images, "render_renditions", rendered)
        store_image(image=image, picture=clean(picture_bytes(size=(500, 500))))
        raise OSError

    monkeypatch.setattr(images, "render_renditions", replaced)
    tasks.render_pending()
    image.refresh_from_db()
    assert image.renditions
    assert not image.awaits_renditions


def still_waits(image: ProductImage) -> bool:
    return ProductImage.objects.get(pk=image.pk).awaits_renditions

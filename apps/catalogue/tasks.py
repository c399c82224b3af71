"""Entry points of the workers; each is a shell over a service and may run twice."""

from typing import Any
from uuid import uuid4

from celery import Task, shared_task
from django.core.cache import cache
from django.utils import timezone

from apps.catalogue.models import ProductImage
from apps.catalogue.services import catalogue_imports, images, planned_prices, search_index
from apps.catalogue.services import fetch_image as fetching

# Each shorter than a queue hides a message, which would come twice otherwise.
FETCH_RETRY_MINUTES = (2, 10, 25, 25, 25, 25)
FETCHED_AT_ONCE = 10
FETCH_PAUSE_SECONDS = 6
DRAWING = "catalogue.drawing"
DRAWING_TURN_SECONDS = 3.0
# Longer than a turn with all that may stand before it in the queue.
DRAWING_SECONDS = 120


@shared_task(name="catalogue.draw_renditions")
def draw_renditions(image_id: int, **_future: Any) -> None:
    images.draw_renditions(image_id=image_id)


@shared_task(name="catalogue.draw_waiting")
def draw_waiting(chain: str = "", **_future: Any) -> None:
    """Draw what an import left to draw, a few seconds at a time, and queue up again behind what shoppers wait for: an
    order's e-mail never stands behind ten thousand pictures.

    One chain works at a time. One that died is taken over a minute or two later.
    """
    chain = chain or uuid4().hex
    if cache.get_or_set(DRAWING, chain, timeout=DRAWING_SECONDS) != chain:
        return
    if images.draw_waiting(seconds=DRAWING_TURN_SECONDS):
        cache.set(DRAWING, chain, timeout=DRAWING_SECONDS)
        draw_waiting.delay(chain=chain)
    else:
        cache.delete(DRAWING)


@shared_task(name="catalogue.fetch_image", bind=True, max_retries=len(FETCH_RETRY_MINUTES))
def fetch_image(self: Task, image_id: int, **_future: Any) -> None:
    """Another server's trouble is met with six more tries within about two hours; then the image is
    given up for a day, then for longer."""
    try:
        fetching.fetch_image(image_id=image_id)
    except fetching.FetchFailed as error:
        if self.request.retries >= len(FETCH_RETRY_MINUTES):
            fetching.give_up_for_now(image_id=image_id, reason=error.message, now=timezone.now())
            return
        raise self.retry(countdown=60 * FETCH_RETRY_MINUTES[self.request.retries], exc=error) from error


@shared_task(name="catalogue.fetch_wanted_images")
def fetch_wanted_images(limit: int = FETCHED_AT_ONCE, after: int = 0, **_future: Any) -> None:
    """Start a fetch for every image that waits for its file: after an import, and to pick up what was lost.

    An import may want ten thousand images, so the sweep goes on from the last one (`after`) some seconds later: the
    queue stays short for what shoppers wait for, and nobody's server is stormed.
    """
    wanted = ProductImage.objects.filter(state=ProductImage.State.WANTED, pk__gt=after).order_by("pk")
    image_ids = list(wanted.values_list("pk", flat=True)[:limit])
    for image_id in image_ids:
        fetch_image.delay(image_id=image_id)
    if len(image_ids) == limit:
        fetch_wanted_images.apply_async(kwargs={"limit": limit, "after": image_ids[-1]}, countdown=FETCH_PAUSE_SECONDS)


@shared_task(name="catalogue.ask_again_for_images")
def ask_again_for_images(**_future: Any) -> None:
    if fetching.want_again(now=timezone.now()):
        fetch_wanted_images.delay()


@shared_task(name="catalogue.preview_import")
def preview_import(import_id: int, **_future: Any) -> None:
    catalogue_imports.preview_import(import_id=import_id, now=timezone.now())


@shared_task(name="catalogue.apply_import")
def apply_import(import_id: int, **_future: Any) -> None:
    if catalogue_imports.apply_import(import_id=import_id, now=timezone.now()):
        fetch_wanted_images.delay_on_commit()


@shared_task(name="catalogue.apply_planned_prices")
def apply_planned_prices(**_future: Any) -> None:
    planned_prices.apply_planned_prices(now=timezone.now())


@shared_task(name="catalogue.renew_search")
def renew_search(**_future: Any) -> None:
    """While a release is exchanged, hosts of the one before still write documents as they knew them."""
    search_index.renew_search()


@shared_task(name="catalogue.repair_search")
def repair_search(**_future: Any) -> None:
    search_index.repair_search(thorough=True)

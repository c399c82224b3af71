"""Celery tasks; each calls one service and may run twice."""

from collections import Counter
from typing import Any
from uuid import uuid4

from celery import Task, shared_task
from django.core.cache import cache
from django.utils import timezone

from apps.catalogue.models import ProductImage
from apps.catalogue.services import fetch_image as fetching
from apps.catalogue.services import images, planned_prices, search_index

# Each shorter than the queue's visibility timeout: a longer one would deliver the message twice.
FETCH_RETRY_MINUTES = (2, 10, 25, 25, 25, 25)
FETCHED_AT_ONCE = 10
FETCH_PAUSE_SECONDS = 6
# Between two requests to one server, so that it is asked evenly and never at once.
FETCH_HOST_SECONDS = FETCH_PAUSE_SECONDS / FETCHED_AT_ONCE
RENDERING_LOCK = "catalogue.drawing"
RENDERING_TURN_SECONDS = 3.0
# Longer than a turn and the wait in the queue before it.
RENDERING_LOCK_SECONDS = 120


@shared_task(name="catalogue.draw_renditions")
def render_renditions(image_id: int, **_future: Any) -> None:
    images.render_renditions(image_id=image_id)


@shared_task(name="catalogue.draw_waiting")
def render_pending(chain: str = "", **_future: Any) -> None:
    """Render pending renditions for a few seconds, then queue again behind other tasks: an order's e-mail never waits
    for ten thousand pictures.

    One chain of tasks runs at a time, by a lock in the cache; when one dies, the lock expires and another begins.
    """
    chain = chain or uuid4().hex
    if cache.get_or_set(RENDERING_LOCK, chain, timeout=RENDERING_LOCK_SECONDS) != chain:
        return
    if images.render_pending(seconds=RENDERING_TURN_SECONDS):
        cache.set(RENDERING_LOCK, chain, timeout=RENDERING_LOCK_SECONDS)
        render_pending.delay(chain=chain)
    else:
        cache.delete(RENDERING_LOCK)


@shared_task(name="catalogue.fetch_image", bind=True, max_retries=len(FETCH_RETRY_MINUTES))
def fetch_image(self: Task, image_id: int, **_future: Any) -> None:
    """Retries a failed fetch six times within about two hours; then the image is given up for a day, then for longer
    (`RETRY_DELAYS`)."""
    try:
        fetching.fetch_image(image_id=image_id)
    except fetching.FetchFailed as error:
        if self.request.retries >= len(FETCH_RETRY_MINUTES):
            fetching.give_up_for_now(image_id=image_id, reason=error.message, now=timezone.now())
            return
        raise self.retry(countdown=60 * FETCH_RETRY_MINUTES[self.request.retries], exc=error) from error


@shared_task(name="catalogue.fetch_wanted_images")
def fetch_wanted_images(limit: int = FETCHED_AT_ONCE, after: int = 0, **_future: Any) -> None:
    """Start a fetch for every image that waits for its file: after an import, and for fetches whose task was lost.

    An import may want ten thousand images, so the sweep goes on from the last one (`after`) some seconds later: the
    queue stays short for other tasks. Requests to one server do not begin together.
    """
    wanted = ProductImage.objects.filter(state=ProductImage.State.WANTED, pk__gt=after).order_by("pk")
    # What has no URL came in an archive, from which `apps.imports` takes it.
    wanted = wanted.filter(source_url__startswith="http")
    found = list(wanted.values_list("pk", "source_url")[:limit])
    image_ids = [image_id for image_id, _url in found]
    asked: Counter[str] = Counter()
    for image_id, url in found:
        host = fetching.host_of(url)
        fetch_image.apply_async(kwargs={"image_id": image_id}, countdown=asked[host] * FETCH_HOST_SECONDS)
        asked[host] += 1
    if len(image_ids) == limit:
        fetch_wanted_images.apply_async(kwargs={"limit": limit, "after": image_ids[-1]}, countdown=FETCH_PAUSE_SECONDS)


@shared_task(name="catalogue.ask_again_for_images")
def ask_again_for_images(**_future: Any) -> None:
    if fetching.want_again(now=timezone.now()):
        fetch_wanted_images.delay()


@shared_task(name="catalogue.apply_planned_prices")
def apply_planned_prices(**_future: Any) -> None:
    planned_prices.apply_planned_prices(now=timezone.now())


@shared_task(name="catalogue.renew_search")
def renew_search(**_future: Any) -> None:
    """Rewrites documents in an earlier format: during a deployment hosts of the previous release still write them."""
    search_index.renew_search()


@shared_task(name="catalogue.repair_search")
def repair_search(**_future: Any) -> None:
    search_index.repair_search(thorough=True)

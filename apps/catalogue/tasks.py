"""Entry points of the workers; each is a shell over a service and may run twice."""

from typing import Any

from celery import Task, shared_task

from apps.catalogue.models import ProductImage
from apps.catalogue.services import fetch_image as fetching
from apps.catalogue.services import images

FETCH_RETRY_MINUTES = (2, 15, 120)


@shared_task(name="catalogue.draw_renditions")
def draw_renditions(image_id: int, **_future: Any) -> None:
    images.draw_renditions(image_id=image_id)


@shared_task(name="catalogue.fetch_image", bind=True, max_retries=len(FETCH_RETRY_MINUTES))
def fetch_image(self: Task, image_id: int, **_future: Any) -> None:
    """Another server's trouble is met with three more tries within about two hours; then the image is given up."""
    try:
        fetching.fetch_image(image_id=image_id)
    except fetching.FetchFailed as error:
        if self.request.retries >= len(FETCH_RETRY_MINUTES):
            fetching.give_up(image_id=image_id, reason=error.message)
            return
        raise self.retry(countdown=60 * FETCH_RETRY_MINUTES[self.request.retries], exc=error) from error


@shared_task(name="catalogue.fetch_wanted_images")
def fetch_wanted_images(limit: int = 5000, **_future: Any) -> None:
    """Start a fetch for every image that waits for its file: after an import, and to pick up what was lost."""
    wanted = ProductImage.objects.filter(state=ProductImage.State.WANTED).order_by("pk")
    for image_id in wanted.values_list("pk", flat=True)[:limit]:
        fetch_image.delay(image_id=image_id)

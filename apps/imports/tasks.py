"""Celery tasks; each calls one service and may run twice.

Named `catalogue.…`, as they were before this app was made: messages that wait in a queue while releases are exchanged
name them so.
"""

from typing import Any

from celery import shared_task
from django.utils import timezone

from apps.catalogue.tasks import fetch_wanted_images
from apps.imports.services import catalogue_imports


@shared_task(name="catalogue.preview_import")
def preview_import(import_id: int, **_future: Any) -> None:
    catalogue_imports.preview_import(import_id=import_id, now=timezone.now())


@shared_task(name="catalogue.apply_import")
def apply_import(import_id: int, **_future: Any) -> None:
    if catalogue_imports.apply_import(import_id=import_id, now=timezone.now()):
        fetch_wanted_images.delay_on_commit()

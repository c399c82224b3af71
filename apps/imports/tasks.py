"""Celery tasks; each calls one service and may run twice.

The first two are named `catalogue.…`, as they were before this app was made: messages that wait in a queue while
releases are exchanged name them so.
"""

from typing import Any

from celery import shared_task
from django.utils import timezone

from apps.catalogue.tasks import fetch_wanted_images
from apps.imports import retention
from apps.imports.services import (
    catalogue_imports,
    history_imports,
    history_undo,
    jobs,
    old_paths,
    pictures,
    shop_exports,
    undo,
)


@shared_task(name="catalogue.preview_import")
def preview_import(import_id: int, **_future: Any) -> None:
    catalogue_imports.preview_import(import_id=import_id, now=timezone.now())


@shared_task(name="catalogue.apply_import")
def apply_import(import_id: int, **_future: Any) -> None:
    if catalogue_imports.apply_import(import_id=import_id, now=timezone.now()):
        fetch_wanted_images.delay_on_commit()
        store_pictures.delay_on_commit(import_id=import_id)


@shared_task(name="imports.undo_import")
def undo_import(import_id: int, **_future: Any) -> None:
    undo.undo_import(import_id=import_id, now=timezone.now())


@shared_task(name="imports.store_pictures")
def store_pictures(import_id: int, **_future: Any) -> None:
    pictures.store_pictures_of(import_id=import_id)


@shared_task(name="imports.resume_imports")
def resume_imports(**_future: Any) -> int:
    """Every minute: imports whose worker was killed, or whose message was lost, go on; too often, they end."""
    work = {
        jobs.Status.RECEIVED: preview_import,
        jobs.Status.CONFIRMED: apply_import,
        jobs.Status.UNDOING: undo_import,
    }
    lost = jobs.stale_imports(now=timezone.now())
    for import_id, status, attempts in lost:
        if attempts >= jobs.MOST_ATTEMPTS or not jobs.can_go_on(import_id):
            catalogue_imports.abandon(import_id=import_id, now=timezone.now())
        else:
            work[jobs.Status(status)].delay(import_id=import_id)
    for import_id in pictures.imports_with_waiting_pictures(now=timezone.now()):
        store_pictures.delay(import_id=import_id)
    return len(lost)


@shared_task(name="imports.purge_journals")
def purge_journals(**_future: Any) -> int:
    """Every night: what imports of more than a month ago did to each product."""
    return retention.purge_journals(now=timezone.now())


@shared_task(name="imports.preview_history")
def preview_history(import_id: int, **_future: Any) -> None:
    history_imports.preview_history(import_id=import_id, now=timezone.now())


@shared_task(name="imports.apply_history")
def apply_history(import_id: int, **_future: Any) -> None:
    history_imports.apply_history(import_id=import_id, now=timezone.now())


@shared_task(name="imports.undo_history")
def undo_history(import_id: int, **_future: Any) -> None:
    history_undo.undo_history(import_id=import_id, now=timezone.now())


@shared_task(name="imports.invite_customers")
def invite_customers(import_id: int, **_future: Any) -> None:
    history_imports.invite_customers(import_id=import_id, now=timezone.now())


@shared_task(name="imports.resume_history")
def resume_history(**_future: Any) -> int:
    """Every minute: imports of customers or past orders whose worker was killed, or whose message was lost, go on."""
    work = {
        history_imports.Status.RECEIVED: preview_history,
        history_imports.Status.CONFIRMED: apply_history,
        history_imports.Status.UNDOING: undo_history,
    }
    lost = history_imports.stale_imports(now=timezone.now())
    for import_id, status in lost:
        work[history_imports.Status(status)].delay(import_id=import_id)
    return len(lost)


@shared_task(name="imports.purge_history")
def purge_history(**_future: Any) -> int:
    """Every night: files of people that nobody confirmed, and unknown paths that nobody asks for any more."""
    return retention.purge_history(now=timezone.now()) + retention.purge_unknown_paths(now=timezone.now())


@shared_task(name="imports.count_paths")
def count_paths(listed: dict[str, int], unknown: dict[str, int], **_future: Any) -> None:
    """What a process has counted of old links; a message that comes twice counts twice."""
    old_paths.count_paths(listed=listed, unknown=unknown, now=timezone.now())


@shared_task(name="imports.export_everything", time_limit=1700)
def export_everything(export_id: int, **_future: Any) -> None:
    shop_exports.make_export(export_id=export_id, now=timezone.now())


@shared_task(name="imports.tend_exports")
def tend_exports(**_future: Any) -> int:
    """Every ten minutes: archives that are old enough go; exports that were lost are made, or said to have ended."""
    for export_id in shop_exports.end_stale(now=timezone.now()):
        export_everything.delay(export_id=export_id)
    return retention.purge_exports(now=timezone.now())

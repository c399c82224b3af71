"""Copies the shop's files, pictures and documents, beside the database's backups: only missing ones."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, default_storage
from django.utils.translation import gettext as _

from apps.common import partial_files
from apps.common.documents import documents
from apps.operations.aws.clients import client
from apps.operations.errors import OperationFailed
from apps.operations.runs.report import Reporter
from apps.operations.services.backup.store import Bucket, Store


def _places() -> dict[str, Storage]:
    """By the folder that each has in the files' bucket and in the backups."""
    return {"media/": default_storage, "documents/": documents()}


def own_folders() -> list[Path]:
    """Where the shop's own files are, on a machine without a bucket."""
    return [Path(storage.path("")) for storage in _places().values() if isinstance(storage, FileSystemStorage)]


def sweep_own_files() -> None:
    """Deletes what killed processes were writing there."""
    for folder in own_folders():
        partial_files.sweep(folder)


def back_up_media(*, store: Store, dry_run: bool, report: Reporter) -> dict[str, int]:
    """Copy missing files: a file never changes under its name, so one of the same size is the same.

    Pictures that the shop deletes stay in the backup. Documents do not, since they are personal data: their copy is
    deleted too, unless no document is found at all, which is a storage that did not answer rather than an empty one.
    """
    here = _here()
    if not dry_run:
        store.sweep()
    there = {each.key: each.size for folder in _places() for each in store.listed(folder)}
    wanted = {key: size for key, size in here.items() if there.get(key) != size}
    for number, key in enumerate(sorted(wanted), start=1):
        report.progress(_("Fichiers"), number, len(wanted))
        if not dry_run:
            _copy(key, store)
    obsolete = [key for key in there if key.startswith("documents/") and key not in here]
    if obsolete and not dry_run and any(key.startswith("documents/") for key in here):
        store.delete(obsolete)
    return {
        "files": len(here),
        "copied": 0 if dry_run else len(wanted),
        "to_copy": len(wanted),
        "bytes": sum(wanted.values()),
    }


def put_back_media(*, store: Store, dry_run: bool, report: Reporter) -> dict[str, int]:
    """Restore files that the shop lacks from their copies. Existing files are not overwritten: one of another size is
    counted and left."""
    if not dry_run:
        sweep_own_files()
    here = _here()
    there = {each.key: each.size for folder in _places() for each in store.listed(folder)}
    wanted = {key: size for key, size in there.items() if key not in here}
    for number, key in enumerate(sorted(wanted), start=1):
        report.progress(_("Fichiers"), number, len(wanted))
        if not dry_run:
            _put_back(key, store)
    return {
        "files": len(there),
        "copied": 0 if dry_run else len(wanted),
        "to_copy": len(wanted),
        "different": sum(1 for key, size in there.items() if here.get(key, size) != size),
        "bytes": sum(wanted.values()),
    }


def _here() -> dict[str, int]:
    """The shop's own files with their sizes, by the key that their copies have."""
    return {
        f"{folder}{name}": size
        for folder, storage in _places().items()
        for name, size in (_bucket_files(folder) if settings.FILES_BUCKET else _files(storage))
    }


def _put_back(key: str, store: Store) -> None:
    """Under the very name that the database knows it by."""
    if settings.FILES_BUCKET and isinstance(store, Bucket):
        source = {"Bucket": store.bucket, "Key": key}
        store.s3.copy_object(CopySource=source, Bucket=settings.FILES_BUCKET, Key=key, ChecksumAlgorithm="SHA256")
        return
    folder, _slash, name = key.partition("/")
    content = store.get(key)
    if content is not None:
        saved = _places()[f"{folder}/"].save(name, ContentFile(content))
        if saved != name:
            raise OperationFailed(
                _("%(file)s n’a pas pu être remis sous son nom : le stockage en a fait %(saved)s.")
                % {"file": key, "saved": saved}
            )


def _copy(key: str, store: Store) -> None:
    if settings.FILES_BUCKET and isinstance(store, Bucket):
        # Server-side, from bucket to bucket.
        source = {"Bucket": settings.FILES_BUCKET, "Key": key}
        store.s3.copy_object(CopySource=source, Bucket=store.bucket, Key=key, ChecksumAlgorithm="SHA256")
        return
    folder, _slash, name = key.partition("/")
    with _places()[f"{folder}/"].open(name) as file:
        store.put(key, file.read())


def _bucket_files(folder: str) -> Iterator[tuple[str, int]]:
    pages: Any = client("s3").get_paginator("list_objects_v2").paginate(Bucket=settings.FILES_BUCKET, Prefix=folder)
    for page in pages:
        for entry in page.get("Contents", []):
            yield entry["Key"].removeprefix(folder), entry["Size"]


def _files(storage: Storage, folder: str = "") -> Iterator[tuple[str, int]]:
    if folder and not storage.exists(folder):
        return
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        path = f"{folder}/{name}" if folder else name
        yield path, storage.size(path)
    for name in folders:
        yield from _files(storage, f"{folder}/{name}" if folder else name)

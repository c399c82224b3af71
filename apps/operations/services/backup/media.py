"""The shop's files, copied beside the database's backups: only what is not there yet."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.files.storage import Storage, default_storage
from django.utils.translation import gettext as _

from apps.operations.aws.clients import client
from apps.operations.reporter import Reporter
from apps.operations.services.backup.store import Bucket, Store

FOLDER = "media/"


def back_up_media(*, store: Store, dry_run: bool, report: Reporter) -> dict[str, int]:
    """Files keep their names for ever, so that one of the same size is the same. What the shop deletes stays here."""
    there = {each.key: each.size for each in store.listed(FOLDER)}
    here = dict(_bucket_files() if settings.FILES_BUCKET else _files(default_storage))
    wanted = {name: size for name, size in here.items() if there.get(f"{FOLDER}{name}") != size}
    for number, name in enumerate(sorted(wanted), start=1):
        report.progress(_("Fichiers"), number, len(wanted))
        if not dry_run:
            _copy(name, store)
    return {
        "files": len(here),
        "copied": 0 if dry_run else len(wanted),
        "to_copy": len(wanted),
        "bytes": sum(wanted.values()),
    }


def _copy(name: str, store: Store) -> None:
    if settings.FILES_BUCKET and isinstance(store, Bucket):
        # From bucket to bucket, without passing through here.
        source = {"Bucket": settings.FILES_BUCKET, "Key": f"media/{name}"}
        store.s3.copy_object(CopySource=source, Bucket=store.bucket, Key=f"{FOLDER}{name}", ChecksumAlgorithm="SHA256")
        return
    with default_storage.open(name) as file:
        store.put(f"{FOLDER}{name}", file.read())


def _bucket_files() -> Iterator[tuple[str, int]]:
    pages: Any = client("s3").get_paginator("list_objects_v2").paginate(Bucket=settings.FILES_BUCKET, Prefix="media/")
    for page in pages:
        for entry in page.get("Contents", []):
            yield entry["Key"].removeprefix("media/"), entry["Size"]


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

"""Storage of backups: the backup bucket, or without one a folder of this machine. Whole objects only."""

import base64
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from botocore.exceptions import ClientError
from django.conf import settings

from apps.common import partial_files
from apps.operations.aws.clients import client
from apps.operations.aws.errors import is_missing


@dataclass(frozen=True)
class Stored:
    key: str
    size: int
    at: datetime


class Store(Protocol):
    name: str

    def put(self, key: str, content: bytes) -> None: ...

    def get(self, key: str) -> bytes | None:
        """None when there is no such object."""

    def listed(self, prefix: str) -> Iterator[Stored]: ...

    def delete(self, keys: list[str]) -> None: ...

    def remove(self, prefix: str) -> None:
        """Deletes a folder, which `prefix` names with its last « / », and whatever is in it."""

    def sweep(self) -> list[str]:
        """Deletes what killed processes left half-written, and returns its keys."""

    def tags(self, key: str) -> list[str]:
        """Names of the tags that people put on it."""


def backups() -> Store:
    bucket = settings.OPERATIONS["backup_bucket"]
    return Bucket(bucket) if bucket else Folder(settings.OPERATIONS["backup_folder"])


class Bucket:
    """S3 checks the checksum on arrival, which a locked bucket demands, and encrypts by the bucket's default key."""

    def __init__(self, bucket: str) -> None:
        self.bucket = bucket
        self.name = f"s3://{bucket}"
        self.s3: Any = client("s3")

    def put(self, key: str, content: bytes) -> None:
        # A locked bucket wants the algorithm's name in a header of its own.
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
        checksum = base64.b64encode(hashlib.sha256(content).digest()).decode()
        summed = {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": checksum}
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=content, **summed)

    def get(self, key: str) -> bytes | None:
        try:
            return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if is_missing(error) and error.response["Error"]["Code"] != "NoSuchBucket":
                return None
            raise

    def listed(self, prefix: str) -> Iterator[Stored]:
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
            for entry in page.get("Contents", []):
                yield Stored(entry["Key"], entry["Size"], entry["LastModified"])

    def tags(self, key: str) -> list[str]:
        return [tag["Key"] for tag in self.s3.get_object_tagging(Bucket=self.bucket, Key=key)["TagSet"]]

    def remove(self, prefix: str) -> None:
        self.delete([each.key for each in self.listed(prefix)])

    def sweep(self) -> list[str]:
        """An object is there whole or not at all."""
        return []

    def delete(self, keys: list[str]) -> None:
        for start in range(0, len(keys), 1000):
            objects = [{"Key": key} for key in keys[start : start + 1000]]
            answer = self.s3.delete_objects(Bucket=self.bucket, Delete={"Objects": objects, "Quiet": True})
            # S3 reports refused keys in a successful response.
            for refused in answer.get("Errors", []):
                raise ClientError({"Error": refused}, "DeleteObjects")


class Folder:
    """Readable by the owner of the process alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = str(folder)

    def put(self, key: str, content: bytes) -> None:
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = partial_files.beside(path)
        try:
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
            partial.replace(path)
        except BaseException:
            # It would go on filling a full disk.
            partial.unlink(missing_ok=True)
            raise

    def get(self, key: str) -> bytes | None:
        path = self.folder / key
        return path.read_bytes() if path.is_file() else None

    def listed(self, prefix: str) -> Iterator[Stored]:
        for entry in _files(self.folder / prefix.rpartition("/")[0]):
            key = Path(entry.path).relative_to(self.folder).as_posix()
            if key.startswith(prefix) and not partial_files.is_partial(entry.name):
                status = entry.stat()
                yield Stored(key, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))

    def tags(self, key: str) -> list[str]:
        """A folder has no tags: a file beside it stands for one."""
        return []

    def delete(self, keys: list[str]) -> None:
        for key in keys:
            path = self.folder / key
            path.unlink(missing_ok=True)
            self._remove_empty(path.parents)

    def remove(self, prefix: str) -> None:
        path = self.folder / prefix
        if path.is_dir():
            shutil.rmtree(path)
            self._remove_empty(path.parents)

    def sweep(self) -> list[str]:
        found = partial_files.sweep(self.folder)
        for path in found:
            self._remove_empty(path.parents)
        return [path.relative_to(self.folder).as_posix() for path in found]

    def _remove_empty(self, parents: Iterable[Path]) -> None:
        for parent in parents:
            if parent == self.folder or any(parent.iterdir()):
                break
            parent.rmdir()


def _files(folder: Path) -> Iterator[os.DirEntry[str]]:
    """In the order of their names, without holding more than one folder at a time."""
    if not folder.is_dir():
        return
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path))
        elif entry.is_file():
            yield entry

"""Pictures of products. A file never changes under its name, so that an uploaded name is not read again."""

import json
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from pathlib import PurePosixPath

from django.core.files.storage import default_storage

from apps.catalogue.models import ProductImage
from apps.operations.services.backup.store import Store
from apps.operations.services.lake.manifest import Entry, object_key, sha256_of

CHUNK = 2000


def asset_names() -> Iterator[str]:
    """Files of visible pictures; their renditions can be rendered again."""
    ready = ProductImage.objects.filter(state=ProductImage.State.READY).exclude(file="")
    yield from ready.order_by("file").values_list("file", flat=True).distinct().iterator(CHUNK)


def upload_assets(
    names: list[str], *, store: Store, there: set[str], at_once: int
) -> Iterator[tuple[str, Entry | None]]:
    """Yields each name with its place; None for a file that is missing. Threads read and send; none queries the
    database. Interrupted, what was sent stays."""
    remaining = iter(names)
    claimed, lock = set(there), threading.Lock()
    with ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="assets") as pool:
        running: dict[Future[Entry | None], str] = {}
        try:
            while True:
                for name in islice(remaining, 2 * at_once - len(running)):
                    running[pool.submit(_upload, name, store, claimed, lock)] = name
                if not running:
                    return
                done, _pending = wait(running, return_when=FIRST_COMPLETED)
                for each in done:
                    yield running.pop(each), each.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _upload(name: str, store: Store, claimed: set[str], lock: threading.Lock) -> Entry | None:
    try:
        with default_storage.open(name) as file:
            content = file.read()
    except FileNotFoundError:
        return None
    sha256 = sha256_of(content)
    key = object_key(sha256, PurePosixPath(name).suffix.lower())
    with lock:
        is_ours = key not in claimed
        claimed.add(key)
    # Two names may have one content, and so one key.
    if is_ours:
        store.put(key, content)
    return Entry(key, len(content), sha256)


def listed(assets: Mapping[str, Entry]) -> bytes:
    """One line of JSON for each picture, by name."""
    lines = (
        json.dumps({"name": name, "key": entry.key, "size": entry.size, "sha256": entry.sha256}, sort_keys=True)
        for name, entry in sorted(assets.items())
    )
    return "".join(f"{line}\n" for line in lines).encode()


def read_list(content: bytes) -> dict[str, Entry]:
    entries = (json.loads(line) for line in content.splitlines())
    return {each["name"]: Entry(each["key"], each["size"], each["sha256"]) for each in entries}

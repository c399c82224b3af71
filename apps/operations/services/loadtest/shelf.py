"""Reports of loads, by the host that was loaded: private files, in the bucket where there is one."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile

from apps.common.documents import documents

FOLDER = "load-tests"
STAMP = "%Y-%m-%dT%H-%M-%S"


def put_report(*, host: str, began: datetime, data: dict[str, Any], page: str) -> str:
    """The name under which `report` finds the data; the page lies beside it."""
    storage, name = documents(), f"{FOLDER}/{host}/{began:{STAMP}}"
    try:
        storage.save(f"{name}.html", ContentFile(page.encode()))
        return storage.save(f"{name}.json", ContentFile(json.dumps(data, ensure_ascii=False).encode()))
    except OSError:
        # Half a file would go on filling a full disk.
        for ending in ("html", "json"):
            storage.delete(f"{name}.{ending}")
        raise


def report(name: str) -> dict[str, Any] | None:
    """None where it is not there, or is no report."""
    if not name.startswith(f"{FOLDER}/"):
        return None
    try:
        with documents().open(name) as file:
            data = json.load(file)
    except (FileNotFoundError, ValueError):
        return None
    return data if isinstance(data, dict) and "all" in data else None


def report_before(*, host: str, began: datetime) -> dict[str, Any] | None:
    """The newest of this host that began earlier."""
    for name in _names(host):
        if name < f"{began:{STAMP}}" and (found := report(f"{FOLDER}/{host}/{name}")):
            return found
    return None


def _names(host: str) -> Iterator[str]:
    try:
        _folders, files = documents().listdir(f"{FOLDER}/{host}")
    except FileNotFoundError:
        return
    yield from sorted((each for each in files if each.endswith(".json")), reverse=True)

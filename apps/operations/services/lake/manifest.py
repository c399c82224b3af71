"""The manifest of the lake, written last: every object that it names is there."""

import gzip
import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from apps.operations.services.backup.store import Store

FORMAT = 1
MANIFEST = "catalogue/manifest.json"
OBJECTS = "catalogue/objects/"


@dataclass(frozen=True)
class Entry:
    """`rows` is the number of products in a file of the catalogue, of lines in one of sales, 0 in a picture."""

    key: str
    size: int
    sha256: str
    rows: int = 0
    # Hash of a Parquet file's columns and rows.
    digest: str = ""


@dataclass
class Manifest:
    """By name: the catalogue's files, its tables, the list of assets, and the months of sales and refunds."""

    catalogue: dict[str, Entry] = field(default_factory=dict)
    tables: dict[str, Entry] = field(default_factory=dict)
    assets: Entry | None = None
    sales: dict[str, Entry] = field(default_factory=dict)

    def written(self, *, created_at: str, release: str) -> bytes:
        manifest = {"format": FORMAT, "made_at": created_at, "release": release, **asdict(self)}
        return json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode()


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def object_key(sha256: str, suffix: str) -> str:
    """An object named by its content never changes: whoever cached it may keep it for ever."""
    return f"{OBJECTS}{sha256[:2]}/{sha256}{suffix}"


def read_manifest(store: Store) -> Manifest:
    """The last manifest; an empty one where there is none, or none that this release can read."""
    content = store.get(MANIFEST)
    try:
        manifest: dict[str, Any] = json.loads(content) if content else {}
        if manifest.get("format") != FORMAT:
            return Manifest()
        return Manifest(
            catalogue=_entries(manifest["catalogue"]),
            tables=_entries(manifest["tables"]),
            assets=Entry(**manifest["assets"]) if manifest["assets"] else None,
            sales=_entries(manifest["sales"]),
        )
    except (ValueError, KeyError, TypeError):
        # Altered by somebody: its objects are recognised by content.
        return Manifest()


def _entries(entries: dict[str, Any]) -> dict[str, Entry]:
    return {name: Entry(**entry) for name, entry in entries.items()}


def packed(content: bytes) -> bytes:
    """Deterministic: equal content gives equal bytes."""
    return gzip.compress(content, compresslevel=6, mtime=0)

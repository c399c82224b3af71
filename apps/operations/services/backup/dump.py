"""Takes a logical backup: streamed, in compressed parts with checksums, and read back before it counts."""

import hashlib
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.utils.translation import gettext as _

from apps.operations.runs.report import Reporter
from apps.operations.services.backup import manifest as manifests
from apps.operations.services.backup.manifest import Manifest, Part, Table
from apps.operations.services.backup.source import Source, opened
from apps.operations.services.backup.store import Store

# Compressed bytes: what the process holds in memory at a time.
PART_BYTES = 8 * 1024 * 1024
GZIP = 16 + zlib.MAX_WBITS


def dump(*, store: Store, report: Reporter, now: datetime) -> Manifest:
    """Write every table, read all parts back, then write the manifest; raises BackupDamaged when a part differs. What
    fails leaves nothing behind, unless the store cannot be reached."""
    prefix = manifests.new_prefix(now)
    try:
        found = _written(store, prefix, report)
        verify(store=store, manifest=found, report=report)
        found.finished_at = datetime.now(UTC).isoformat()
        manifests.write(store, found)
    except BaseException:
        # A partial backup is useless, and a full disk may have stopped it.
        with suppress(OSError, BotoCoreError, ClientError):
            manifests.remove(store, prefix)
        raise
    return found


def _written(store: Store, prefix: str, report: Reporter) -> Manifest:
    with opened() as source:
        found = Manifest(
            prefix=prefix,
            engine=source.engine,
            version=source.version,
            taken_at=source.taken_at.isoformat(),
            release=settings.RELEASE,
            migrations=source.migrations(),
            tables=source.tables(),
            extras=source.extras(),
        )
        for number, table in enumerate(found.tables, start=1):
            report.progress(f"{table.name}", number, len(found.tables))
            for content, rows in _parts(source, table):
                key = f"{prefix}{table.name}/{len(table.parts) + 1:05d}.gz"
                store.put(key, content)
                table.parts.append(Part(key, len(content), hashlib.sha256(content).hexdigest(), rows))
                table.rows += rows
        found.contents = source.contents()
    return found


def verify(*, store: Store, manifest: Manifest, report: Reporter) -> None:
    for number, table in enumerate(manifest.tables, start=1):
        report.progress(_("Relecture de %(table)s") % {"table": table.name}, number, len(manifest.tables))
        for part in table.parts:
            manifests.read_part(store, part)


def _parts(source: Source, table: Table) -> Iterator[tuple[bytes, int]]:
    """Compressed pieces of about PART_BYTES, each a gzip file of its own with whole rows, and their rows."""
    press, content, rows = zlib.compressobj(6, wbits=GZIP), bytearray(), 0
    is_empty = True
    for chunk, count in source.chunks(table):
        content += press.compress(chunk)
        rows += count
        is_empty = False
        if len(content) >= PART_BYTES:
            yield bytes(content + press.flush()), rows
            press, content, rows = zlib.compressobj(6, wbits=GZIP), bytearray(), 0
            is_empty = True
    if not is_empty:
        yield bytes(content + press.flush()), rows

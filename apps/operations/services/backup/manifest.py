"""The manifest of a logical backup, written last: a backup without one was never finished."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.operations.errors import OperationFailed
from apps.operations.services.backup import signing
from apps.operations.services.backup.content import Content
from apps.operations.services.backup.store import Store

# 1: without `contents` and `extras`.
FORMAT, READABLE = 2, {1, 2}
FOLDER = "database/"
# Names by `new_prefix`: any other is not ours.
PREFIX = re.compile(rf"{FOLDER}\d{{4}}-\d\d-\d\dT\d\d-\d\d-\d\d/")
MANIFEST, CHECKSUM, RESTORED = "manifest.json", "manifest.sha256", "restored.json"
# What `restore` writes where it restored one for good.
PUT_BACK = "put_back.json"
SIGNATURE, MARK_SIGNATURES = "manifest.sig", {RESTORED: "restored.sig", PUT_BACK: "put_back.sig"}
OURS = {MANIFEST, CHECKSUM, SIGNATURE, *MARK_SIGNATURES, *MARK_SIGNATURES.values()}


class BackupDamaged(OperationFailed):
    code = "backup_damaged"


class NotSigned(BackupDamaged):
    """It was made before backups were signed, or somebody took its signature away."""

    code = "backup_not_signed"


class WronglySigned(BackupDamaged):
    code = "backup_wrongly_signed"


@dataclass
class Part:
    key: str
    size: int
    sha256: str
    rows: int


@dataclass
class Table:
    name: str
    definition: str
    columns: list[str]
    # Columns whose values are bytes, in base64.
    binary: list[str]
    rows: int = 0
    parts: list[Part] = field(default_factory=list)


@dataclass
class Extra:
    """A VIEW, TRIGGER, FUNCTION, PROCEDURE or EVENT. `definition` is empty where the database did not reveal it."""

    kind: str
    name: str
    definition: str


@dataclass
class Manifest:
    """`taken_at` is the moment whose state the backup holds, by the database's clock; `contents` is what each table
    holds, by its name, and empty where an earlier release made the backup."""

    prefix: str
    engine: str
    version: str
    taken_at: str
    release: str
    # « app.name » of each applied migration, in their order: the schema's version.
    migrations: list[str]
    tables: list[Table]
    format: int = FORMAT
    finished_at: str = ""
    contents: dict[str, Content] = field(default_factory=dict)
    extras: list[Extra] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    @property
    def size(self) -> int:
        return sum(part.size for table in self.tables for part in table.parts)

    @property
    def taken(self) -> datetime:
        return datetime.fromisoformat(self.taken_at)


def new_prefix(now: datetime) -> str:
    return f"{FOLDER}{now.astimezone(UTC):%Y-%m-%dT%H-%M-%S}/"


def began_at(prefix: str) -> datetime:
    """The second in which `new_prefix` named it."""
    return datetime.strptime(prefix, f"{FOLDER}%Y-%m-%dT%H-%M-%S/").replace(tzinfo=UTC)


def write(store: Store, manifest: Manifest) -> None:
    content = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
    store.put(f"{manifest.prefix}{CHECKSUM}", hashlib.sha256(content).hexdigest().encode())
    if signature := signing.sign(f"{manifest.prefix}{MANIFEST}", content):
        store.put(f"{manifest.prefix}{SIGNATURE}", signature)
    store.put(f"{manifest.prefix}{MANIFEST}", content)


def read(store: Store, prefix: str, *, unsigned: bool = False) -> Manifest:
    """With `unsigned` a backup that has no signature is read too, but none whose signature is wrong. Raises
    BackupDamaged, NotSigned, WronglySigned."""
    content, checksum = store.get(f"{prefix}{MANIFEST}"), store.get(f"{prefix}{CHECKSUM}")
    if content is None and not any(store.listed(prefix)):
        text = _("%(store)s n’a pas de sauvegarde %(backup)s : regardez-y son nom, ou n’en donnez pas.")
        raise OperationFailed(text % {"store": store.name, "backup": prefix})
    if content is None:
        raise BackupDamaged(_("%(backup)s n’a pas de manifeste : elle n’a pas été terminée.") % {"backup": prefix})
    if checksum is None or hashlib.sha256(content).hexdigest() != checksum.decode().strip():
        raise BackupDamaged(_("Le manifeste de %(backup)s a changé depuis la sauvegarde.") % {"backup": prefix})
    signature = store.get(f"{prefix}{SIGNATURE}")
    if signature is not None:
        _refuse_wrong_signature(prefix, content, signature)
    elif not unsigned:
        raise NotSigned(
            _(
                "%(backup)s n’est pas signée : qui écrit dans les sauvegardes a pu en faire ce qu’il voulait. Si une "
                "version d’avant les signatures l’a faite et que vous savez d’où elle vient, ajoutez --unsigned."
            )
            % {"backup": prefix}
        )
    return parsed(prefix, content)


def _refuse_wrong_signature(prefix: str, content: bytes, signature: bytes) -> None:
    reason = signing.refusal(f"{prefix}{MANIFEST}", content, signature)
    if reason:
        raise WronglySigned(
            _(
                "%(backup)s n’est pas acceptée : %(reason)s. Si la clé a changé, nommez l’ancienne dans "
                "BACKUP_TRUSTED_KEYS ; sinon, quelqu’un y a écrit : prenez-en une autre."
            )
            % {"backup": prefix, "reason": reason}
        )


def parsed(prefix: str, content: bytes) -> Manifest:
    """Raises BackupDamaged for another backup's manifest, an invalid one, or a format unknown to this release."""
    unreadable = BackupDamaged(_("Le manifeste de %(backup)s n’est pas lisible.") % {"backup": prefix})
    try:
        raw: dict[str, Any] = json.loads(content)
        if raw["format"] not in READABLE:
            raise BackupDamaged(_("%(backup)s est d’un format que cette version ne lit pas.") % {"backup": prefix})
        tables = [Table(**{**table, "parts": [Part(**part) for part in table["parts"]]}) for table in raw.pop("tables")]
        contents = {name: Content(**each) for name, each in raw.pop("contents", {}).items()}
        extras = [Extra(**each) for each in raw.pop("extras", [])]
        found = Manifest(**raw, tables=tables, contents=contents, extras=extras)
        if found.taken.tzinfo is None:
            raise unreadable
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise unreadable from error
    if found.prefix != prefix or not all(part.key.startswith(prefix) for table in tables for part in table.parts):
        raise unreadable
    if any("`" in name for table in tables for name in (table.name, *table.columns)):
        # Names are quoted by it.
        raise unreadable
    return found


def read_part(store: Store, part: Part) -> bytes:
    """The content of a part; raises BackupDamaged, which says how it differs."""
    content = store.get(part.key)
    if content is None:
        raise BackupDamaged(_("Il manque %(part)s.") % {"part": part.key}, part=part.key)
    if len(content) != part.size:
        raise BackupDamaged(
            _("%(part)s est tronquée : %(size)d octets au lieu de %(wanted)d.")
            % {"part": part.key, "size": len(content), "wanted": part.size},
            part=part.key,
        )
    if hashlib.sha256(content).hexdigest() != part.sha256:
        raise BackupDamaged(
            _("%(part)s est abîmée : sa somme de contrôle n’est plus la même.") % {"part": part.key}, part=part.key
        )
    return content


def chosen(store: Store, backup: str, *, unsigned: bool = False) -> Manifest:
    """The one that was named, or the newest. Raises OperationFailed where there is none, and as `read` does."""
    prefix = backup or next(iter(finished(store)), "")
    if not prefix:
        raise OperationFailed(
            _("Il n’y a aucune sauvegarde dans %(store)s : lancez d’abord backup_manager --logical.")
            % {"store": store.name}
        )
    return read(store, f"{FOLDER}{prefix.strip().strip('/').removeprefix(FOLDER)}/", unsigned=unsigned)


def write_mark(store: Store, prefix: str, name: str, data: dict[str, Any]) -> None:
    """Beside a manifest, signed like it: RESTORED or PUT_BACK."""
    content = json.dumps(data).encode()
    if signature := signing.sign(f"{prefix}{name}", content):
        store.put(f"{prefix}{MARK_SIGNATURES[name]}", signature)
    else:
        store.delete([f"{prefix}{MARK_SIGNATURES[name]}"])
    store.put(f"{prefix}{name}", content)


def mark(store: Store, prefix: str, name: str, *, unsigned: bool = False) -> dict[str, Any]:
    """Empty where there is none, or none that counts; `unsigned` as in `read`."""
    content = store.get(f"{prefix}{name}")
    if content is None:
        return {}
    signature = store.get(f"{prefix}{MARK_SIGNATURES[name]}")
    if signature is None and not unsigned:
        return {}
    if signature is not None and signing.refusal(f"{prefix}{name}", content, signature):
        return {}
    try:
        found: dict[str, Any] = json.loads(content)
        return found if found["backup"] == prefix else {}
    except (ValueError, TypeError, KeyError):
        return {}


def verified_at(store: Store, prefix: str, *, unsigned: bool = False) -> datetime | None:
    """When restore_check last verified it; `unsigned` as in `read`."""
    try:
        return datetime.fromisoformat(mark(store, prefix, RESTORED, unsigned=unsigned)["restored_at"])
    except (ValueError, TypeError, KeyError):
        return None


def remove(store: Store, prefix: str) -> None:
    """The manifest first: a partly deleted backup counts as unfinished."""
    if any(store.listed(f"{prefix}{MANIFEST}")):
        store.delete([f"{prefix}{MANIFEST}"])
    store.remove(prefix)


def finished(store: Store) -> list[str]:
    """Prefixes of the backups that have a manifest, the newest first."""
    prefixes = (each.key.removesuffix(MANIFEST) for each in store.listed(FOLDER) if each.key.endswith(f"/{MANIFEST}"))
    return sorted((prefix for prefix in prefixes if PREFIX.fullmatch(prefix)), reverse=True)

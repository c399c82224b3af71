"""Logical backups of a store: which are whole, verified or held; and foreign files beside them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.operations.errors import OperationFailed
from apps.operations.services.backup import manifest as manifests
from apps.operations.services.backup.manifest import FOLDER, MANIFEST, OURS, PREFIX, PUT_BACK, SIGNATURE, Manifest
from apps.operations.services.backup.store import Store, Stored

# A tag of this name on a snapshot or on a backup's manifest, or a file of it in the backup, in upper or lower case and
# whatever its value: somebody holds it.
HOLD = "hold"
HOLD_FILES = {HOLD, f"{HOLD}.txt"}
NEWEST = 3
_PART = re.compile(r"[^/]+/\d{5}\.gz")


@dataclass(frozen=True)
class Export:
    """A logical backup of ours. `at` is the moment whose state it holds, or its last write where it was never finished;
    it is whole when each piece is there with its size."""

    prefix: str
    at: datetime
    is_whole: bool
    verified_at: datetime | None = None
    is_held: bool = False
    # What an inventory displays besides.
    facts: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None


@dataclass(frozen=True)
class Policy:
    """How many calendar weeks and months keep their newest backup, the present ones included, by the shop's clock."""

    now: datetime
    weeks: int = 0
    months: int = 0

    def tiers(self, taken: Mapping[str, datetime]) -> dict[str, str]:
        """Reasons to keep, by name."""
        today = timezone.localdate(self.now)
        reasons: dict[str, str] = {}
        filled: set[tuple[str, int]] = set()
        monday = today - timedelta(days=today.weekday())
        for name in sorted(taken, key=lambda each: taken[each], reverse=True):
            day = timezone.localdate(taken[name])
            first = day - timedelta(days=day.weekday())
            week, month = (monday - first).days // 7, 12 * (today.year - day.year) + today.month - day.month
            for tier, ago, count, reason in (
                ("week", week, self.weeks, _("le dernier de la semaine du %(day)s") % {"day": f"{first:%d/%m/%Y}"}),
                ("month", month, self.months, _("le dernier du mois %(month)s") % {"month": f"{day:%m/%Y}"}),
            ):
                if 0 <= ago < count and (tier, ago) not in filled:
                    filled.add((tier, ago))
                    reasons.setdefault(name, reason)
        return reasons


@dataclass
class Inventory:
    """`strange`: what is not ours, or was altered, and why; it is left alone."""

    exports: list[Export]
    strange: dict[str, str]


def is_hold(name: str) -> bool:
    return name.strip().casefold() == HOLD


def take(store: Store, *, unsigned: bool = False) -> Inventory:
    """`unsigned` as for `manifest.read`."""
    inventory = Inventory([], {})
    for place, objects in _by_place(store.listed(FOLDER)).items():
        if not PREFIX.fullmatch(place):
            inventory.strange[place] = _("pas une sauvegarde de cette boutique")
            continue
        try:
            found = _export(store, place, objects, unsigned=unsigned)
        except OperationFailed as error:
            inventory.strange[place] = error.message
            continue
        if found is None:
            inventory.strange[place] = _("contient des fichiers qui ne sont pas d’elle")
        else:
            inventory.exports.append(found)
    return inventory


def unfinished(store: Store) -> list[Export]:
    """Those without a manifest, which nobody holds and where nobody else put anything."""
    places = _by_place(store.listed(FOLDER)).items()
    ours = [(place, objects) for place, objects in places if PREFIX.fullmatch(place)]
    open_ = [(place, objects) for place, objects in ours if f"{place}{MANIFEST}" not in {each.key for each in objects}]
    found = (_export(store, place, objects, unsigned=True) for place, objects in open_)
    return [each for each in found if each is not None and not each.is_held]


def reasons_to_keep(exports: Iterable[Export], policy: Policy) -> dict[str, str]:
    """By prefix, whatever their age: held ones, the newest that restore_check verified, the newest three that are
    whole, and the newest of weeks and months."""
    newest_first = sorted((each for each in exports if each.is_whole), key=lambda each: each.at, reverse=True)
    reasons = policy.tiers({each.prefix: each.at for each in newest_first})
    reasons |= {
        each.prefix: _("parmi les %(count)d plus récents") % {"count": NEWEST} for each in newest_first[:NEWEST]
    }
    verified = next((each for each in newest_first if each.is_verified), None)
    if verified:
        reasons[verified.prefix] = _("le plus récent que restore_check a vérifié")
    for each in exports:
        if each.is_held:
            reasons[each.prefix] = _("retenu (%(tag)s)") % {"tag": HOLD}
    return reasons


def _by_place(objects: Iterable[Stored]) -> dict[str, list[Stored]]:
    """What lies in one folder under `database/`, or in none."""
    found: dict[str, list[Stored]] = {}
    for each in objects:
        first, slash, _rest = each.key.removeprefix(FOLDER).partition("/")
        found.setdefault(f"{FOLDER}{first}{slash}", []).append(each)
    return found


def _export(store: Store, prefix: str, objects: list[Stored], *, unsigned: bool) -> Export | None:
    """None where something lies in it that we did not put there; raises BackupDamaged for an invalid manifest."""
    sizes = {each.key.removeprefix(prefix): each.size for each in objects}
    is_held = any(name.casefold() in HOLD_FILES for name in sizes)
    rest = [name for name in sizes if name not in OURS and name.casefold() not in HOLD_FILES]
    if MANIFEST not in sizes:
        if not all(_PART.fullmatch(name) for name in rest):
            return None
        return Export(prefix, max(each.at for each in objects), is_whole=False, is_held=is_held)
    manifest = manifests.read(store, prefix, unsigned=unsigned)
    parts = _parts(manifest)
    if not all(name in parts for name in rest):
        return None
    restored = manifests.mark(store, prefix, PUT_BACK, unsigned=unsigned)
    return Export(
        prefix,
        manifest.taken,
        is_whole=all(sizes.get(name) == size for name, size in parts.items()),
        verified_at=manifests.verified_at(store, prefix, unsigned=unsigned),
        is_held=is_held or _is_tagged(store, f"{prefix}{MANIFEST}"),
        facts={
            "made_at": manifest.finished_at,
            "bytes": manifest.size,
            "rows": manifest.rows,
            "engine": manifest.engine,
            "release": manifest.release,
            "is_signed": SIGNATURE in sizes,
            "restored_at": restored.get("restored_at"),
            "restored_into": restored.get("into"),
        },
    )


def _parts(manifest: Manifest) -> dict[str, int]:
    return {part.key.removeprefix(manifest.prefix): part.size for table in manifest.tables for part in table.parts}


def _is_tagged(store: Store, key: str) -> bool:
    """True as well where the tags may not be read: somebody may hold it."""
    try:
        return any(is_hold(name) for name in store.tags(key))
    except ClientError as error:
        if error.response["Error"]["Code"] in {"AccessDenied", "403"}:
            return True
        raise

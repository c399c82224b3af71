"""Merges two cards of one person, and undoes it.

The card that goes is deleted with `merged_into`: no list displays it; its history stays its own and is displayed with
the survivor's. Its notes and files move to the survivor.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.common.transactions import retry_on_deadlock
from apps.prospects.contact import email_key, phone_key
from apps.prospects.fields import EDITABLE
from apps.prospects.models import Attachment, Merge, Note, Prospect
from apps.prospects.services.errors import StaleVersion
from apps.prospects.services.history import Author, Kind, note, recordable, save

UNDOABLE = timedelta(days=30)
# Taken from the other card where the survivor has none.
PROOFS = ("consent_version", "consent_at", "consent_address")


class MergeRefused(DomainError):
    code = "merge_refused"


@dataclass(frozen=True)
class Undone:
    survivor: Prospect
    gone: Prospect
    left_alone: list[str]
    """Fields of the survivor that somebody changed after the merge: they keep the later value."""


@retry_on_deadlock
def merge_prospects(
    *,
    survivor_id: int,
    survivor_version: int,
    gone_id: int,
    gone_version: int,
    taken: Collection[str],
    by: Author,
    now: datetime,
) -> Merge:
    """Merge two cards; `taken` names the fields (EDITABLE) whose value comes from the card that goes.

    Locks both in pk order. Of two people who merge the same cards at once one wins; the other gets
    Prospect.DoesNotExist or StaleVersion, as after any change.
    """
    if unknown := set(taken) - set(EDITABLE):
        raise ValueError(f"not editable: {sorted(unknown)}")
    with transaction.atomic(durable=True):
        cards = _lock_both(survivor_id, gone_id, survivor_version, gone_version)
        survivor, gone = cards[survivor_id], cards[gone_id]
        values: dict[str, Any] = {name: getattr(gone, name) for name in taken}
        if not survivor.consent_at:
            values |= {name: getattr(gone, name) for name in PROOFS}
        if survivor.customer_id is None:
            values["customer"] = gone.customer
        values["verified"] = survivor.verified or gone.verified
        values["last_contact_at"] = max(survivor.last_contact_at, gone.last_contact_at)
        values = {name: value for name, value in values.items() if getattr(survivor, name) != value}
        before, spoken = _packed(survivor, values), {name: recordable(getattr(survivor, name)) for name in values}
        for name, value in values.items():
            setattr(survivor, name, value)
        moved = _move_rows(gone, survivor)
        merge = Merge.objects.create(
            survivor=survivor,
            gone=gone,
            at=now,
            by=by.user,
            data={"before": before, "after": _packed(survivor, values), **moved},
        )
        _save_with_keys(survivor, now)
        gone.merged_into, gone.deleted_at = survivor, now
        save(gone, now)
        changes = {name: [spoken[name], recordable(getattr(survivor, name))] for name in values if name in EDITABLE}
        note(survivor, Kind.MERGED, by, now, changes=changes)
    return merge


@retry_on_deadlock
def undo_merge(*, merge_id: int, by: Author, now: datetime) -> Undone:
    """Restore both cards. A field that somebody changed since keeps its later value (`left_alone`).

    Raises MergeRefused: undone already, too old, or the cards went on into another merge or were deleted.
    """
    merge = Merge.objects.get(pk=merge_id)
    with transaction.atomic(durable=True):
        rows = Prospect.objects.select_for_update().filter(pk__in=[merge.survivor_id, merge.gone_id]).order_by("pk")
        cards = {card.pk: card for card in rows}
        merge = Merge.objects.select_for_update().get(pk=merge_id)
        survivor, gone = cards[merge.survivor_id], cards[merge.gone_id]
        _check_undoable(merge, survivor, gone, now)
        left_alone = []
        current = _packed(survivor, merge.data["after"])
        spoken = {}
        for name, before in merge.data["before"].items():
            if current[name] != merge.data["after"][name]:
                left_alone.append(name)
                continue
            field = _field(name)
            spoken[name] = recordable(getattr(survivor, name))
            setattr(survivor, field.attname, field.to_python(before))
        for model, name in ((Note, "notes"), (Attachment, "attachments")):
            model._default_manager.filter(pk__in=merge.data[name], prospect=survivor).update(prospect=gone)
        _save_with_keys(survivor, now)
        gone.merged_into, gone.deleted_at = None, None
        save(gone, now)
        merge.undone_at = now
        merge.save(update_fields=["undone_at"])
        changes = {name: [was, recordable(getattr(survivor, name))] for name, was in spoken.items() if name in EDITABLE}
        note(survivor, Kind.UNMERGED, by, now, changes=changes)
        note(gone, Kind.RESTORED, by, now)
    return Undone(survivor, gone, [name for name in left_alone if name in EDITABLE])


def last_merge(card: Prospect, *, now: datetime) -> Merge | None:
    """The merge into this card that may still be undone; one query."""
    merges = Merge.objects.filter(survivor=card, undone_at=None, at__gt=now - UNDOABLE).select_related("gone")
    return merges.order_by("-at", "-pk").first()


def merged_cards(card: Prospect) -> list[int]:
    """Ids of the cards that were merged into this one, directly or through another; one query for each level."""
    found: list[int] = []
    storey = [card.pk]
    while storey:
        storey = list(Prospect.objects.filter(merged_into__in=storey).values_list("pk", flat=True))
        found += storey
    return found


def _check_undoable(merge: Merge, survivor: Prospect, gone: Prospect, now: datetime) -> None:
    if merge.undone_at is not None:
        raise MergeRefused(_("Cette fusion est déjà annulée."))
    if merge.at <= now - UNDOABLE:
        raise MergeRefused(_("Cette fusion date de plus de 30 jours : elle ne peut plus être annulée."))
    if survivor.merged_into_id is not None:
        raise MergeRefused(_("Cette carte a été fondue dans une autre depuis. Annulez d’abord la dernière fusion."))
    if survivor.deleted_at is not None or gone.merged_into_id != survivor.pk:
        raise MergeRefused(_("La carte a été supprimée depuis. Rétablissez-la d’abord."))
    if survivor.anonymised_at is not None:
        raise MergeRefused(_("La carte a été anonymisée depuis : il ne reste rien à séparer."))


def _lock_both(survivor_id: int, gone_id: int, survivor_version: int, gone_version: int) -> dict[int, Prospect]:
    if survivor_id == gone_id:
        raise MergeRefused(_("Une carte ne peut pas être fondue dans elle-même. Choisissez-en deux."))
    rows = Prospect.objects.not_deleted().cards().select_for_update(of=("self",)).filter(pk__in=[survivor_id, gone_id])
    cards = {card.pk: card for card in rows.order_by("pk")}
    if len(cards) < 2:
        raise Prospect.DoesNotExist
    for number, version in ((survivor_id, survivor_version), (gone_id, gone_version)):
        if cards[number].version != version:
            raise StaleVersion(
                _("Quelqu’un a modifié l’une des deux cartes entre-temps. Relisez-les, puis recommencez."),
                prospect=cards[number],
            )
    return cards


def _field(name: str) -> Any:
    return Prospect._meta.get_field(name)


def _packed(card: Prospect, names: Collection[str]) -> dict[str, Any]:
    """Values as JSON stores them, to the microsecond; `Field.to_python` reads them back."""
    packed = {}
    for name in names:
        value = getattr(card, _field(name).attname)
        packed[name] = value.isoformat() if hasattr(value, "isoformat") else value
    return packed


def _move_rows(gone: Prospect, survivor: Prospect) -> dict[str, list[int]]:
    moved = {}
    for model, name in ((Note, "notes"), (Attachment, "attachments")):
        rows = model._default_manager.filter(prospect=gone)
        moved[name] = list(rows.order_by("pk").values_list("pk", flat=True))
        rows.update(prospect=survivor)
    return moved


def _save_with_keys(card: Prospect, now: datetime) -> None:
    card.email_key, card.phone_key = email_key(card.email), phone_key(card.phone)
    save(card, now)

"""The verbs of prospects. Every change is compare-and-set on the card's version and leaves a line of history."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.common.errors import DomainError
from apps.common.transactions import survives_deadlock
from apps.prospects.contact import email_key, phone_key
from apps.prospects.models import Prospect, ProspectEvent, Stage

Kind = ProspectEvent.Kind
RESTORABLE = timedelta(days=30)
# Ranks count nanoseconds before now: a new card needs no look at the column to be on top of it. A card that is moved
# stands a second above or below its neighbour, or half-way between two.
GAP = 1_000_000_000
EDITABLE = (
    *("first_name", "last_name", "email", "phone", "company", "message", "source"),
    *("assignee", "next_action", "next_action_date"),
)


class StaleVersion(DomainError):
    """Somebody else changed the card first; details: prospect, as it is now."""

    code = "stale_version"


class ReasonRequired(DomainError):
    code = "reason_required"


class UnknownStage(DomainError):
    code = "unknown_stage"


class NotStaff(DomainError):
    code = "not_staff"


class KeyReused(DomainError):
    code = "idempotency_key_reused"


class TooLate(DomainError):
    code = "too_late"


@dataclass(frozen=True)
class Author:
    """Who changes a card: somebody of the team, or a program by the name of its key."""

    user: User | None = None
    name: str = ""


@dataclass(frozen=True)
class Details:
    first_name: str
    last_name: str
    email: str
    phone: str = ""
    company: str = ""
    message: str = ""
    source: str = ""


def find_repeat(*, request_key: str, digest: str) -> Prospect | None:
    """The prospect that an earlier request with this key made. Raises KeyReused when that request said other things."""
    known = Prospect.objects.select_related("stage").filter(request_key=request_key).first()
    if known and known.request_digest != digest:
        raise KeyReused(
            _("Cette clé d’idempotence a déjà servi pour un autre envoi. Prenez-en une nouvelle."), status=422
        )
    return known


def create_prospect(
    *,
    details: Details,
    verified: bool,
    consent_version: str,
    address: str,
    now: datetime,
    request_key: str | None = None,
    request_digest: str = "",
    by: Author | None = None,
) -> Prospect:
    """Keep a prospect on top of the first column, known e-mail or not; who enters it learns nothing of others.

    `consent_version` is empty without consent. The same `request_key` again returns the first prospect; with another
    digest it raises KeyReused.
    """
    if request_key and (known := find_repeat(request_key=request_key, digest=request_digest)):
        return known
    stage = Stage.objects.order_by("position", "pk")[:1].get()
    prospect = Prospect(
        **vars(details) | {"email": details.email.strip().lower()},
        email_key=email_key(details.email),
        phone_key=phone_key(details.phone),
        verified=verified,
        stage=stage,
        stage_since=now,
        rank=_top(now),
        consent_version=consent_version,
        consent_at=now if consent_version else None,
        consent_address=address if consent_version else "",
        request_key=request_key,
        request_digest=request_digest,
        created_at=now,
    )
    try:
        with transaction.atomic(durable=True):
            prospect.save(force_insert=True)
            _note(prospect, Kind.CREATED, by or Author(), now, to_stage=stage)
    except IntegrityError:
        # The same request, sent twice at once.
        known = find_repeat(request_key=request_key, digest=request_digest) if request_key else None
        if known is None:
            raise
        return known
    return prospect


@survives_deadlock
def update_prospect(*, prospect_id: int, version: int, changes: dict[str, Any], by: Author, now: datetime) -> Prospect:
    """Change fields (EDITABLE) of a card. Raises StaleVersion, NotStaff, Prospect.DoesNotExist."""
    unknown = set(changes) - set(EDITABLE)
    if unknown:
        raise ValueError(f"not editable: {sorted(unknown)}")
    assignee = changes.get("assignee")
    if assignee is not None and not (assignee.is_staff and assignee.is_active):
        raise NotStaff(_("Cette personne ne fait pas partie de l’équipe. Choisissez quelqu’un d’autre."), status=400)
    with transaction.atomic(durable=True):
        prospect = _locked(prospect_id, version)
        before = {name: getattr(prospect, name) for name in changes}
        for name, value in changes.items():
            setattr(prospect, name, value.strip().lower() if name == "email" else value)
        different = {
            name: [_told(old), _told(getattr(prospect, name))]
            for name, old in before.items()
            if old != getattr(prospect, name)
        }
        if different:
            prospect.email_key = email_key(prospect.email)
            prospect.phone_key = phone_key(prospect.phone)
            _save(prospect, now)
            _note(prospect, Kind.CHANGED, by, now, changes=different)
    return prospect


@survives_deadlock
def move_prospect(
    *,
    prospect_id: int,
    version: int,
    stage_code: str,
    after: UUID | None = None,
    before: UUID | None = None,
    reason: str = "",
    by: Author,
    now: datetime,
) -> Prospect:
    """Put a card into a column, under the card `after` and above the card `before`, as far as they are still there;
    with neither, on top. Locks the column, then the card.

    Raises StaleVersion, UnknownStage, ReasonRequired, Prospect.DoesNotExist.
    """
    with transaction.atomic(durable=True):
        stage = Stage.objects.select_for_update().filter(code=stage_code).first()
        if stage is None:
            raise UnknownStage(_("Cette étape n’existe pas. Choisissez-en une du tableau."), status=400)
        prospect = _locked(prospect_id, version)
        former = prospect.stage
        if stage.asks_reason and former != stage and not reason.strip():
            raise ReasonRequired(
                _("L’étape « %(stage)s » demande un motif. Donnez-en un.") % {"stage": stage.name}, status=400
            )
        prospect.rank = _place(stage, prospect, after, before, now)
        if former != stage:
            prospect.stage, prospect.stage_since = stage, now
        _save(prospect, now)
        _note(prospect, Kind.MOVED, by, now, from_stage=former, to_stage=stage, reason=reason.strip())
    return prospect


def column_page(*, stage: Stage, after: UUID | None, limit: int) -> list[Prospect]:
    """The cards of a column from the top, or those under the card `after`; none when it has left the column."""
    cards = Prospect.objects.kept().cards().filter(stage=stage).order_by("rank", "pk")
    if after:
        last = cards.filter(public_id=after).first()
        if last is None:
            return []
        cards = cards.filter(Q(rank__gt=last.rank) | Q(rank=last.rank, pk__gt=last.pk))
    return list(cards[:limit])


@survives_deadlock
def delete_prospect(*, prospect_id: int, by: Author, now: datetime) -> None:
    """Take a card off the board; it can be restored for 30 days. Raises Prospect.DoesNotExist, also on a repeat."""
    with transaction.atomic(durable=True):
        prospect = _locked(prospect_id, None)
        prospect.deleted_at = now
        _save(prospect, now)
        _note(prospect, Kind.DELETED, by, now)


@survives_deadlock
def restore_prospect(*, prospect_id: int, by: Author, now: datetime) -> Prospect:
    """Put a deleted card back where it was. Raises TooLate, Prospect.DoesNotExist. A repeat changes nothing."""
    with transaction.atomic(durable=True):
        prospect = Prospect.objects.select_for_update(of=("self",)).cards().get(pk=prospect_id)
        if prospect.deleted_at is None:
            return prospect
        if prospect.deleted_at < now - RESTORABLE:
            raise TooLate(_("Ce prospect est supprimé depuis plus de 30 jours : il ne peut plus être rétabli."))
        prospect.deleted_at = None
        _save(prospect, now)
        _note(prospect, Kind.RESTORED, by, now)
    return prospect


def purge_deleted(*, now: datetime, limit: int = 500) -> int:
    """Forget, with their history, prospects that were deleted more than 30 days ago; returns how many."""
    old = Prospect.objects.filter(deleted_at__lt=now - RESTORABLE).order_by("pk")[:limit]
    return _forget(list(old.values_list("pk", flat=True)))


def erase_person(*, email: str) -> int:
    """Forget every prospect of one person (RGPD art. 17), with their history; returns how many."""
    return _forget(list(Prospect.objects.filter(email_key=email_key(email)).values_list("pk", flat=True)))


def _forget(numbers: list[int]) -> int:
    with transaction.atomic():
        events = ProspectEvent.objects.filter(prospect__in=numbers)
        # History is append-only for everybody but the law.
        events._raw_delete(events.db)
        Prospect.objects.filter(pk__in=numbers).delete()
    return len(numbers)


def _locked(prospect_id: int, version: int | None) -> Prospect:
    prospect = Prospect.objects.kept().cards().select_for_update(of=("self",)).get(pk=prospect_id)
    if version is not None and prospect.version != version:
        raise StaleVersion(
            _("Quelqu’un a modifié ce prospect entre-temps. Voici où il en est : recommencez si besoin."),
            prospect=prospect,
        )
    return prospect


def _save(prospect: Prospect, now: datetime) -> None:
    prospect.version += 1
    prospect.updated_at = now
    prospect.save()


def _note(prospect: Prospect, kind: str, by: Author, now: datetime, **fields: Any) -> None:
    name = by.name or (by.user.get_full_name() or by.user.email if by.user else "")
    ProspectEvent.objects.create(prospect=prospect, kind=kind, at=now, by=by.user, by_name=name[:120], **fields)


def _top(now: datetime) -> int:
    return -int(now.timestamp() * 1_000_000) * 1000


def _place(stage: Stage, card: Prospect, after: UUID | None, before: UUID | None, now: datetime) -> int:
    """The rank between two neighbours, of whom either may have left the column meanwhile."""
    column = Prospect.objects.kept().filter(stage=stage).exclude(pk=card.pk).order_by("rank", "pk")
    for _attempt in range(2):
        ranks = dict(
            column.filter(public_id__in=[each for each in (after, before) if each]).values_list("public_id", "rank")
        )
        above = ranks.get(after) if after else None
        below = ranks.get(before) if before else None
        if above is None and below is None:
            first = column.values_list("rank", flat=True).first()
            return _top(now) if first is None else min(_top(now), first - GAP)
        if above is None and below is not None:
            above = column.filter(rank__lt=below).values_list("rank", flat=True).last()
        elif above is not None and (below is None or below <= above):
            below = column.filter(rank__gt=above).values_list("rank", flat=True).first()
        if above is None and below is not None:
            return below - GAP
        if above is not None and below is None:
            return above + GAP
        if above is not None and below is not None and below - above > 1:
            return (above + below) // 2
        _spread(column)
    raise AssertionError


def _spread(column: Any) -> None:
    """No number is left between two cards: give the whole column its gaps again, from the top down."""
    cards = list(column.only("pk", "rank"))
    first = cards[0].rank
    for place, card in enumerate(cards):
        card.rank = first + place * GAP
    Prospect.objects.bulk_update(cards, ["rank"], batch_size=500)


def _told(value: Any) -> Any:
    if isinstance(value, User):
        return value.email
    return value.isoformat() if isinstance(value, date) else value

"""Imports a list of people, CSV or XLSX: previewed, then written once.

An e-mail that is already there is skipped, so that the same file again, or half of it, adds nobody twice. A consent
that a file claims is no proof: imported cards have none.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email
from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.accounts.access_log import log_access
from apps.accounts.models import DataAccess, User
from apps.common.documents import documents
from apps.common.email_addresses import canonical_email, validate_email_address
from apps.common.errors import DomainError
from apps.common.letters import fold
from apps.common.tabular.errors import Refusal
from apps.common.tabular.header import normalised
from apps.common.tabular.source import open_table
from apps.common.tabular.table import Table
from apps.common.transactions import retry_on_deadlock
from apps.common.typed import tidy_line, tidy_phone
from apps.prospects.contact import email_key, phone_key
from apps.prospects.fields import CONTACT, FIELDS, FOLLOW_UP, Field, Kind
from apps.prospects.models import Prospect, ProspectEvent, ProspectImport, Stage
from apps.prospects.services.attachments import clean_name
from apps.prospects.services.history import Author
from apps.prospects.services.ranks import GAP, top

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 5000
MAX_REPORTED_LINES = 200
_CHUNK = 500
STAGE = ("étape", "statut", "status", "stage")
COLUMNS = {
    **{field.name: field.headings for field in CONTACT if field.headings},
    "stage": STAGE,
    **{field.name: field.headings for field in FOLLOW_UP if field.headings},
}
_WORDS = frozenset(normalised(heading) for headings in COLUMNS.values() for heading in headings)
_TIDY = {Kind.PHONE: tidy_phone, Kind.LINE: tidy_line}


class ImportRefused(DomainError):
    code = "import_refused"


@dataclass(frozen=True)
class _Line:
    number: int
    fields: dict[str, Any]
    key: str


@dataclass(frozen=True)
class _Plan:
    new: list[_Line]
    existing: list[int]
    rejects: list[tuple[int, str]]
    ignored: str

    def report(self) -> dict[str, Any]:
        return {
            "created": len(self.new),
            "known": len(self.existing),
            "known_lines": self.existing[:MAX_REPORTED_LINES],
            "rejected": len(self.rejects),
            "rejects": self.rejects[:MAX_REPORTED_LINES],
            "ignored": self.ignored,
        }


def receive_prospects(*, file: UploadedFile, by: User, now: datetime) -> ProspectImport:
    """Store a file and preview what it would add; writes no prospect. Raises ImportRefused, UnreadableFile."""
    if (file.size or 0) > MAX_BYTES:
        raise ImportRefused(
            _("Ce fichier dépasse %(limit)s Mo. Coupez-le en plusieurs.")
            % {"limit": number_format(MAX_BYTES // 1024**2)}
        )
    name = clean_name(file.name or "prospects.csv")
    received = ProspectImport(name=name, created_by=by, created_at=now)
    received.file.save(name, file, save=False)
    try:
        received.report = _plan(received).report()
        received.save()
    except BaseException:
        documents().delete(received.file.name or "")
        raise
    return received


@retry_on_deadlock
def import_prospects(*, import_id: int, by: User, now: datetime) -> ProspectImport:
    """Write what was previewed, in one transaction, and delete the file after it. A repeat changes nothing.

    Locks the import and the first column, so that of two files at once the second sees the people of the first.
    """
    with transaction.atomic(durable=True):
        received = ProspectImport.objects.select_for_update().get(pk=import_id)
        if received.status == ProspectImport.Status.DONE:
            return received
        Stage.objects.select_for_update().order_by("position", "pk").first()
        plan = _plan(received)
        _write(plan.new, received.name, by, now)
        received.report, received.status, received.finished_at = plan.report(), ProspectImport.Status.DONE, now
        transaction.on_commit(partial(documents().delete, received.file.name or ""), robust=True)
        received.file = ""
        received.save()
        log_access(
            action=DataAccess.Action.IMPORTED,
            what="prospects",
            count=len(plan.new),
            detail=received.name,
            by=by,
            now=now,
        )
    return received


def _plan(received: ProspectImport) -> _Plan:
    storage, file = received.file.storage, received.file.name or ""
    source = open_table(lambda: storage.open(file, "rb"), received.name, words=_WORDS)
    table = Table(source.header, COLUMNS)
    table.require(["email"])
    stages = {fold(word): stage for stage in Stage.objects.all() for word in (stage.code, stage.name_fr, stage.name_en)}
    lines: list[_Line] = []
    rejects: list[tuple[int, str]] = []
    seen: dict[str, int] = {}
    for row in source.rows():
        try:
            line = _line(table.read(row), row.line, stages)
            if line.key in seen:
                raise Refusal(_("même adresse que la ligne %(line)s") % {"line": seen[line.key]})
        except Refusal as refusal:
            rejects.append((row.line, str(refusal)))
            continue
        seen[line.key] = row.line
        lines.append(line)
        if len(lines) + len(rejects) > MAX_ROWS:
            raise ImportRefused(
                _("Ce fichier dépasse %(limit)s lignes. Coupez-le en plusieurs.") % {"limit": number_format(MAX_ROWS)}
            )
    existing = _existing_keys(list(seen))
    return _Plan(
        new=[line for line in lines if line.key not in existing],
        existing=[line.number for line in lines if line.key in existing],
        rejects=rejects,
        ignored=next((notice.text for notice in table.notices()), ""),
    )


def _line(cells: dict[str, str], number: int, stages: dict[str, Stage]) -> _Line:
    given = {name: text.strip().removeprefix("'").strip() for name, text in cells.items()}
    email = canonical_email(given["email"])
    try:
        validate_email(email)
        validate_email_address(email)
    except ValidationError:
        raise Refusal(_("« %(email)s » n’est pas une adresse e-mail") % {"email": email[:80]}) from None
    fields: dict[str, Any] = {"email": email}
    for name in COLUMNS:
        if name not in ("email", "stage"):
            fields[name] = _value(FIELDS[name], given.get(name, ""))
    if not (fields["first_name"] or fields["last_name"]):
        raise Refusal(_("il manque un nom"))
    if word := given.get("stage", ""):
        if fold(word) not in stages:
            raise Refusal(_("l’étape « %(stage)s » n’existe pas") % {"stage": word[:60]})
        fields["stage"] = stages[fold(word)]
    return _Line(number, fields, email_key(email))


def _value(field: Field, text: str) -> str | date | None:
    if field.kind is Kind.DATE:
        return _date(text)
    text = _TIDY.get(field.kind, str)(text)
    limit = Prospect.longest(field.name)
    if len(text) > limit:
        raise Refusal(_("« %(column)s » dépasse %(limit)s caractères") % {"column": field.headings[0], "limit": limit})
    return text


def _date(text: str) -> date | None:
    if not text:
        return None
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007
        except ValueError:
            continue
    raise Refusal(_("« %(date)s » n’est pas une date (JJ/MM/AAAA)") % {"date": text[:40]})


def _existing_keys(keys: list[str]) -> set[str]:
    existing: set[str] = set()
    for start in range(0, len(keys), _CHUNK):
        found = Prospect.objects.not_deleted().filter(email_key__in=keys[start : start + _CHUNK])
        existing.update(found.values_list("email_key", flat=True))
    return existing


def _write(lines: list[_Line], name: str, by: User, now: datetime) -> None:
    first = Stage.objects.order_by("position", "pk")[0]
    highest, author = top(now), Author(user=by)
    cards = []
    for place, line in enumerate(lines):
        fields = {"stage": first, **line.fields}
        fields["source"] = fields["source"] or _("Import %(file)s")[:80] % {"file": name[:60]}
        cards.append(
            Prospect(
                **fields,
                email_key=line.key,
                phone_key=phone_key(fields["phone"]),
                stage_since=now,
                last_contact_at=now,
                created_at=now,
                rank=highest + place * GAP,
            )
        )
    Prospect.objects.bulk_create(cards, batch_size=_CHUNK)
    # MySQL gives no ids back.
    numbers = dict(
        Prospect.objects.filter(public_id__in=[card.public_id for card in cards]).values_list("public_id", "pk")
    )
    ProspectEvent._base_manager.bulk_create(
        [
            ProspectEvent(
                prospect_id=numbers[card.public_id],
                kind=ProspectEvent.Kind.CREATED,
                at=now,
                by=by,
                by_name=author.signature,
                to_stage=card.stage,
            )
            for card in cards
        ],
        batch_size=_CHUNK,
    )

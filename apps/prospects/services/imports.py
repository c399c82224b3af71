"""Imports a list of people, CSV or XLSX: previewed, then written once.

An e-mail that is already there is skipped, so that the same file again, or half of it, adds nobody twice; where that is
asked, what its card lacks is filled in. A consent that a file claims is no proof: imported cards have none.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import IO, Any

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
from apps.common.names import split_name
from apps.common.spreadsheets import unguard
from apps.common.tabular.choice import Surveyed, chosen_table, column_keys, survey
from apps.common.tabular.errors import Refusal, UnreadableFile
from apps.common.tabular.header import normalised
from apps.common.tabular.rejects import RejectsSheet, rows_of
from apps.common.tabular.rows import Row
from apps.common.tabular.source import Tabular, open_table
from apps.common.tabular.table import Table
from apps.common.transactions import retry_on_deadlock
from apps.common.typed import tidy_line, tidy_phone
from apps.prospects.columns import COLUMNS, EMAILS, PHONES, READ, SEVERAL, WORDS, ColumnsChoice, guessed_choice
from apps.prospects.contact import email_key, phone_key
from apps.prospects.fields import FIELDS, MAX_TEXT, Field, Kind
from apps.prospects.models import Prospect, ProspectEvent, ProspectImport, Stage
from apps.prospects.services.attachments import clean_name
from apps.prospects.services.history import Author, lock, note, recordable, save
from apps.prospects.services.history import Kind as EventKind
from apps.prospects.services.ranks import GAP, top

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 5000
MAX_REPORTED_LINES = 200
_CHUNK = 500
# Earlier lists among which the same columns are looked for.
MOST_REMEMBERED = 50
# Words of a file's stages about which a person is asked.
MAX_WORDS = 20
# What an import may fill in on a card that has nothing there.
COMPLETED = ("first_name", "last_name", "phone", "company", "source", "next_action", "next_action_date")
# A French number whose first zero a spreadsheet took for one of a number's.
_WITHOUT_ZERO = re.compile(r"[1-9](?:[ .-]?\d{2}){4}|[1-9]\d{8}")
# A French number in international form whose sign was lost: « 33612345678 », as newsletters' programs keep it.
_WITHOUT_PLUS = re.compile(r"33[1-9]\d{8}")
_NAMED_EMAIL = re.compile(r"<([^<>]+@[^<>]+)>")
_TIDY = {Kind.PHONE: tidy_phone, Kind.LINE: tidy_line}


class ImportRefused(DomainError):
    code = "import_refused"


class NoEmailColumn(UnreadableFile):
    """No column is called what columns of e-mail addresses are called."""


@dataclass(frozen=True)
class _Line:
    number: int
    fields: dict[str, Any]
    key: str
    # The file's word for a stage that the board does not have.
    word: str = ""


@dataclass(frozen=True)
class _Plan:
    new: list[_Line]
    existing: list[int]
    # Cards by id, and what the file would fill in on them.
    gaps: dict[int, dict[str, Any]]
    words: Counter[str]
    refused: list[tuple[Row, str]]
    ignored: str
    encoding: str
    choice: ColumnsChoice | None

    def report(self) -> dict[str, Any]:
        return {
            "created": len(self.new),
            "known": len(self.existing),
            "known_lines": self.existing[:MAX_REPORTED_LINES],
            "completed": len(self.gaps),
            "stages": self.words.most_common(MAX_WORDS),
            "rejected": len(self.refused),
            "rejects": [(row.line, reason) for row, reason in self.refused[:MAX_REPORTED_LINES]],
            "ignored": self.ignored,
            "encoding": self.encoding,
            **({"choice": self.choice.as_json()} if self.choice is not None else {}),
        }


def receive_prospects(*, file: UploadedFile, by: User, now: datetime, encoding: str = "") -> ProspectImport:
    """Store a file and preview what it would add, or wait for its columns to be said; writes no prospect.

    `encoding` is what a person chose for a file that does not prove its own, one of `CODECS`. Raises ImportRefused,
    UnreadableFile.
    """
    if (file.size or 0) > MAX_BYTES:
        raise ImportRefused(
            _("Ce fichier dépasse %(limit)s Mo. Coupez-le en plusieurs.")
            % {"limit": number_format(MAX_BYTES // 1024**2)}
        )
    name = clean_name(file.name or "prospects.csv")
    received = ProspectImport(
        name=name, created_by=by, created_at=now, report={"encoding": encoding} if encoding else {}
    )
    received.file.save(name, file, save=False)
    try:
        try:
            received.report = _plan(received).report()
        except NoEmailColumn:
            if "email" not in survey_prospects(received)[1].columns.values():
                raise
            received.status = ProspectImport.Status.COLUMNS
        received.save()
    except BaseException:
        documents().delete(received.file.name or "")
        raise
    return received


def survey_prospects(received: ProspectImport) -> tuple[list[Surveyed], ColumnsChoice, str]:
    """Its columns, with what the screen begins with: what was said of this file, or of the last one with these columns,
    whose name is the third, or a guess. Raises UnreadableFile."""
    former = _former_choice(received)
    if former is not None:
        return _surveyed(received, former), former, ""
    surveyed = _surveyed(received, None)
    keys = {each.key for each in surveyed}
    ended = ProspectImport.objects.filter(status=ProspectImport.Status.DONE).order_by("-pk")
    for name, report in ended.values_list("name", "report")[:MOST_REMEMBERED]:
        stored = report.get("choice")
        if stored and set(stored["columns"]) <= keys:
            return surveyed, ColumnsChoice.from_json(stored), name
    guessed = guessed_choice(surveyed)
    if "email" not in guessed.columns.values():
        bare = _surveyed(received, ColumnsChoice({}, has_header=False))
        without_header = guessed_choice(bare, has_header=False)
        if "email" in without_header.columns.values():
            return bare, without_header, ""
    return surveyed, guessed, ""


def _surveyed(received: ProspectImport, choice: ColumnsChoice | None) -> list[Surveyed]:
    source = _opened(received, choice)
    has_header = choice is None or choice.has_header
    return survey(source.header, rows_of(source, has_header=has_header), has_header=has_header)


def choose_columns(*, received: ProspectImport, choice: ColumnsChoice) -> None:
    """Preview the list by this choice, which is kept for the next one with these columns too.

    Raises InvalidChoice, and ImportRefused for a list that is imported already.
    """
    choice.check()
    received.report = {**received.report, "choice": choice.as_json()}
    report = _plan(received).report()
    waiting = ProspectImport.objects.filter(pk=received.pk).exclude(status=ProspectImport.Status.DONE)
    if not waiting.update(status=ProspectImport.Status.PREVIEWED, report=report):
        raise ImportRefused(_("Cette liste est déjà importée : ses colonnes ne changent plus."))


def write_rejects(*, received: ProspectImport, stream: IO[str]) -> None:
    """Refused lines as a CSV to be corrected and given back; only as long as the file is there."""
    choice = _former_choice(received)
    source = _opened(received, choice)
    titles = [] if choice is None or choice.has_header else column_keys(source.header, has_header=False)
    sheet = RejectsSheet(stream, source.header, titles=titles)
    for row, reason in _plan(received).refused:
        sheet.write(row, reason)


@retry_on_deadlock
def import_prospects(
    *,
    import_id: int,
    by: User,
    now: datetime,
    stages: Mapping[str, str] | None = None,
    completes: bool = False,
) -> ProspectImport:
    """Write what was previewed, in one transaction, and delete the file after it. A repeat changes nothing.

    `stages` are codes of stages by words of the file; without one a card goes to the first column and keeps the word in
    its message. With `completes`, people whose cards are there get what those lack. Raises ImportRefused.

    Locks the import and the first column, so that of two files at once the second sees the people of the first.
    """
    with transaction.atomic(durable=True):
        received = ProspectImport.objects.select_for_update().get(pk=import_id)
        if received.status == ProspectImport.Status.DONE:
            return received
        Stage.objects.select_for_update().order_by("position", "pk").first()
        plan = _plan(received, stages or {})
        _write(plan.new, received.name, by, now)
        if completes:
            _complete(plan.gaps, by, now)
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


def _former_choice(received: ProspectImport) -> ColumnsChoice | None:
    return ColumnsChoice.from_json(stored) if (stored := received.report.get("choice")) else None


def _opened(received: ProspectImport, choice: ColumnsChoice | None) -> Tabular:
    storage, file = received.file.storage, received.file.name or ""
    return open_table(
        lambda: storage.open(file, "rb"),
        received.name,
        words=WORDS,
        encoding=received.report.get("encoding", ""),
        has_header=choice is None or choice.has_header,
    )


def _table(header: list[str], choice: ColumnsChoice | None) -> Table:
    if choice is not None:
        return chosen_table(header, READ, choice.columns, has_header=choice.has_header, several=SEVERAL)
    table = Table(header, READ)
    if not any(table.has(column) for column in ("email", *EMAILS)):
        try:
            table.require(["email"])
        except UnreadableFile as error:
            raise NoEmailColumn(error.message) from error
    return table


def _plan(received: ProspectImport, chosen: Mapping[str, str] | None = None) -> _Plan:
    choice = _former_choice(received)
    source = _opened(received, choice)
    table = _table(source.header, choice)
    stages = {fold(word): stage for stage in Stage.objects.all() for word in (stage.code, stage.name_fr, stage.name_en)}
    stages |= _chosen_stages(chosen or {})
    lines: list[_Line] = []
    refused: list[tuple[Row, str]] = []
    seen: dict[str, int] = {}
    for row in rows_of(source, has_header=choice is None or choice.has_header):
        try:
            line = _line(_given(table.read(row), table), row.line, stages)
            if line.key in seen:
                raise Refusal(_("même adresse que la ligne %(line)s") % {"line": seen[line.key]})
        except Refusal as refusal:
            refused.append((row, str(refusal)))
            continue
        seen[line.key] = row.line
        lines.append(line)
        if len(lines) + len(refused) > MAX_ROWS:
            raise ImportRefused(
                _("Ce fichier dépasse %(limit)s lignes. Coupez-le en plusieurs.") % {"limit": number_format(MAX_ROWS)}
            )
    existing = _existing_cards(list(seen))
    new = [line for line in lines if line.key not in existing]
    return _Plan(
        new=new,
        gaps=_gaps(lines, existing),
        words=Counter(line.word for line in new if line.word),
        existing=[line.number for line in lines if line.key in existing],
        refused=refused,
        ignored=next((notice.text for notice in table.notices()), ""),
        encoding=received.report.get("encoding", ""),
        choice=choice,
    )


def _given(cells: dict[str, str], table: Table) -> dict[str, str]:
    """The cells by field: of several columns for one thing the first that says something, the others beside it."""
    given = {name: unguard(text.strip()) for name, text in cells.items()}
    given["email"] = ",".join(text for name in ("email", *EMAILS) if (text := given.pop(name, "")))
    phones = [given.pop(name, "") for name in ("phone", *PHONES)]
    given["phone"], *given_phones = list(dict.fromkeys(part for text in phones for part in _phones(text))) or [""]
    given["other_phones"] = ", ".join(given_phones)
    whole = given.pop("full_name", "")
    if not whole and not table.has("first_name") and normalised(_heading(table, "last_name")) in ("name", "nom"):
        whole = given.get("last_name", "")
        if " " in whole:
            given["last_name"] = ""
    if " " in whole and not (given.get("first_name") or given.get("last_name")):
        given["first_name"], given["last_name"] = split_name(tidy_line(whole))
    elif whole and not given.get("first_name"):
        given["last_name"] = given.get("last_name") or whole
    return given


def _heading(table: Table, column: str) -> str:
    return table.name(column) if table.has(column) else ""


def _phones(cell: str) -> list[str]:
    """The numbers of a cell: Google writes « … ::: … »."""
    found = []
    for part in re.split(r":::|[;\n]|\s/\s", cell):
        number = tidy_phone(part.strip().removeprefix("'"))
        if _WITHOUT_ZERO.fullmatch(number):
            number = f"0{number}"
        elif _WITHOUT_PLUS.fullmatch(number):
            number = f"+{number}"
        if number:
            found.append(number)
    return found


def _line(given: dict[str, str], number: int, stages: dict[str, Stage]) -> _Line:
    email, others = _emails(given["email"])
    fields: dict[str, Any] = {"email": email}
    for name in COLUMNS:
        if name not in ("email", "stage"):
            fields[name] = _value(FIELDS[name], given.get(name, ""))
    if not (fields["first_name"] or fields["last_name"]):
        # Newsletters know addresses alone; a card has a name to be called by.
        fields["last_name"] = email.partition("@")[0][: Prospect.longest("last_name")]
    word = given.get("stage", "")[:60]
    if word and fold(word) in stages:
        fields["stage"], word = stages[fold(word)], ""
    notes = [_("Autre adresse e-mail : %(email)s") % {"email": other} for other in others]
    if given["other_phones"]:
        notes.append(_("Autre téléphone : %(phone)s") % {"phone": given["other_phones"]})
    if word:
        notes.append(_("Étape dans le fichier : %(word)s") % {"word": word})
    fields["message"] = "\n".join(filter(None, [fields["message"], *notes]))[:MAX_TEXT]
    return _Line(number, fields, email_key(email), word)


def _emails(cell: str) -> tuple[str, list[str]]:
    """The first address of a cell and the others: « Zoé <zoe@…>, contact@… ». Raises Refusal for none."""
    cell = cell.removeprefix("'")
    parts = [part.strip() for part in re.split(r":::|[,;\n|]|\s/\s|\s+(?=\S+@)", cell) if part.strip()]
    if not parts:
        raise Refusal(_("l’adresse e-mail manque"))
    found = [canonical_email(match[1] if (match := _NAMED_EMAIL.search(part)) else part) for part in parts]
    valid = list(dict.fromkeys(email for email in found if _is_email(email)))
    if not valid:
        raise Refusal(_("« %(email)s » n’est pas une adresse e-mail") % {"email": cell[:80]})
    return valid[0], valid[1:]


def _is_email(email: str) -> bool:
    try:
        validate_email(email)
        validate_email_address(email)
    except ValidationError:
        return False
    return True


def _chosen_stages(chosen: Mapping[str, str]) -> dict[str, Stage]:
    by_code = {stage.code: stage for stage in Stage.objects.filter(code__in=set(chosen.values()) - {""})}
    for word, code in chosen.items():
        if code and code not in by_code:
            raise ImportRefused(_("L’étape choisie pour « %(word)s » n’existe plus.") % {"word": word[:60]})
    return {fold(word): by_code[code] for word, code in chosen.items() if code}


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


def _existing_cards(keys: list[str]) -> dict[str, dict[str, Any]]:
    """What may be filled in, and the ids, of cards by e-mail key; of several, the oldest."""
    existing: dict[str, dict[str, Any]] = {}
    for start in range(0, len(keys), _CHUNK):
        found = Prospect.objects.not_deleted().filter(email_key__in=keys[start : start + _CHUNK]).order_by("pk")
        for card in found.values("pk", "email_key", *COMPLETED):
            existing.setdefault(card["email_key"], card)
    return existing


def _gaps(lines: Sequence[_Line], existing: Mapping[str, Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
    gaps = {}
    for line in lines:
        card = existing.get(line.key)
        filled = {name: line.fields[name] for name in COMPLETED if card and not card[name] and line.fields.get(name)}
        if card and filled:
            gaps[card["pk"]] = filled
    return gaps


def _complete(gaps: Mapping[int, Mapping[str, Any]], by: User, now: datetime) -> None:
    """Locks the cards in pk order. What a colleague filled in meanwhile stays."""
    for pk in sorted(gaps):
        card = lock(pk, None)
        filled = {name: value for name, value in gaps[pk].items() if not getattr(card, name)}
        if not filled:
            continue
        changes = {name: [recordable(getattr(card, name)), recordable(value)] for name, value in filled.items()}
        for name, value in filled.items():
            setattr(card, name, value)
        card.phone_key = phone_key(card.phone)
        save(card, now)
        note(card, EventKind.CHANGED, Author(user=by), now, changes=changes)


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

"""Files on a card: in the private storage, downloaded through a view that checks permissions."""

from datetime import datetime
from functools import partial
from pathlib import PurePosixPath

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.common.documents import documents
from apps.common.errors import DomainError
from apps.common.transactions import retry_on_deadlock
from apps.prospects.models import Attachment
from apps.prospects.services.history import Author, Kind, lock, note

MAX_BYTES = 10 * 1024 * 1024
MAX_FILES = 30
# By extension: leading bytes, and the content type of downloads. Browsers never display one inline.
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES: dict[str, tuple[bytes, str]] = {
    "pdf": (b"%PDF-", "application/pdf"),
    "png": (b"\x89PNG\r\n", "image/png"),
    "jpg": (b"\xff\xd8\xff", "image/jpeg"),
    "jpeg": (b"\xff\xd8\xff", "image/jpeg"),
    "webp": (b"RIFF", "image/webp"),
    "docx": (_ZIP, f"{_OFFICE}.wordprocessingml.document"),
    "xlsx": (_ZIP, f"{_OFFICE}.spreadsheetml.sheet"),
    "odt": (_ZIP, "application/vnd.oasis.opendocument.text"),
    "ods": (_ZIP, "application/vnd.oasis.opendocument.spreadsheet"),
    "doc": (_OLE, "application/msword"),
    "xls": (_OLE, "application/vnd.ms-excel"),
    "txt": (b"", "text/plain"),
    "csv": (b"", "text/csv"),
}


class FileRefused(DomainError):
    code = "file_refused"


def check_file(file: UploadedFile) -> str:
    """The content type under which a file may be stored. Raises FileRefused: size, extension, or leading bytes."""
    extension = PurePosixPath(file.name or "").suffix.lower().lstrip(".")
    if extension not in TYPES:
        raise FileRefused(
            _("Ce type de fichier n’est pas accepté. Envoyez un fichier %(types)s.") % {"types": ", ".join(TYPES)}
        )
    if not file.size:
        raise FileRefused(_("Ce fichier est vide. Choisissez-en un autre."))
    if file.size > MAX_BYTES:
        raise FileRefused(
            _("Ce fichier dépasse %(limit)s Mo. Réduisez-le, ou gardez-le ailleurs et notez où.")
            % {"limit": number_format(MAX_BYTES // 1024**2)}
        )
    magic, content_type = TYPES[extension]
    file.seek(0)
    opening = file.read(512)
    file.seek(0)
    if not opening.startswith(magic) or (not magic and b"\0" in opening):
        raise FileRefused(
            _("Le contenu de ce fichier n’est pas celui d’un fichier %(type)s.") % {"type": extension.upper()}
        )
    return content_type


@retry_on_deadlock
def attach_file(*, prospect_id: int, file: UploadedFile, by: Author, now: datetime) -> Attachment:
    """Store a file on a card. Raises FileRefused, Prospect.DoesNotExist; nothing is stored then."""
    content_type = check_file(file)
    name = clean_name(file.name or "")
    stored = Attachment(name=name, size=file.size or 0, content_type=content_type, added_by=by.user, created_at=now)
    # Before the transaction, which must not wait for another machine.
    file.seek(0)
    file.name = name
    stored.file.save(name, file, save=False)
    try:
        with transaction.atomic(durable=True):
            stored.prospect = lock(prospect_id, None)
            if stored.prospect.attachments.count() >= MAX_FILES:
                raise FileRefused(
                    _("Cette carte porte déjà %(count)s fichiers. Supprimez-en un d’abord.") % {"count": MAX_FILES}
                )
            stored.save(force_insert=True)
            note(stored.prospect, Kind.FILED, by, now, changes={"file": name})
    except BaseException:
        documents().delete(stored.file.name or "")
        raise
    return stored


@retry_on_deadlock
def remove_file(*, prospect_id: int, attachment_id: int, by: Author, now: datetime) -> None:
    """Delete a file from a card and from the storage. Raises Prospect.DoesNotExist; a repeat changes nothing."""
    with transaction.atomic(durable=True):
        prospect = lock(prospect_id, None)
        stored = prospect.attachments.filter(pk=attachment_id).first()
        if stored is None:
            return
        delete_files([stored.file.name or ""])
        note(prospect, Kind.UNFILED, by, now, changes={"file": stored.name})
        stored.delete()


def delete_files(names: list[str]) -> None:
    """Delete from the storage after commit; the rows are the caller's."""
    for name in names:
        transaction.on_commit(partial(documents().delete, name), robust=True)


def clean_name(name: str) -> str:
    """The last part of a path, in printable characters, with its extension."""
    base = PurePosixPath(name.replace("\\", "/")).name
    printable = "".join(character for character in base if character.isprintable()).strip() or "fichier"
    stem, dot, extension = printable.rpartition(".")
    return f"{stem[:140]}{dot}{extension[:15]}" if dot else printable[:150]

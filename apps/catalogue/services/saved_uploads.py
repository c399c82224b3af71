"""Pictures of a refused form, stored so that nobody has to choose them again.

They are checked and encoded anew already, have no public URL, and come back with the form as a signed token that only
the person who sent them can use. Of each person at most MOST are stored, the oldest are deleted first; `sweep_files`
deletes what is older than a day.
"""

import secrets
from typing import Any

from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.catalogue.services import direct_uploads
from apps.catalogue.services.direct_uploads import UploadLost

FOLDER = "kept-pictures"
TOKEN_SECONDS = 24 * 3600
MOST = 60
_SALT = "catalogue.kept_pictures"
_MARK = "kept:"


def save(*, picture: UploadedFile, by: User, label: str) -> str:
    """The token to give back with the form; `label` is what the person calls the file."""
    storage = _storage()
    # Names sort by age.
    name = f"{FOLDER}/{by.pk}/{timezone.now():%Y%m%d%H%M%S%f}-{secrets.token_urlsafe(12)}"
    picture.seek(0)
    stored = storage.save(name, ContentFile(picture.read()))
    picture.seek(0)
    for old in _oldest(storage, by):
        storage.delete(old)
    return _MARK + signing.dumps([stored, picture.content_type, label[:120]], salt=_SALT)


def is_token(token: str | None) -> bool:
    return bool(token) and str(token).startswith(_MARK)


def label_of(token: str) -> str:
    """Empty for a token that is not ours."""
    try:
        return str(_read(token)[2])
    except signing.BadSignature:
        return ""


def collect(*, token: str, by: User) -> SimpleUploadedFile:
    """The picture; it stays, in case the form is refused once more. Raises UploadLost."""
    lost = UploadLost(_("L’image envoyée n’est plus là. Choisissez-la à nouveau."))
    try:
        name, content_type, _label = _read(token)
    except signing.BadSignature as error:
        raise lost from error
    if not str(name).startswith(f"{FOLDER}/{by.pk}/"):
        raise lost
    try:
        with _storage().open(name) as file:
            return SimpleUploadedFile("image", file.read(), content_type)
    except OSError as error:
        raise lost from error


def _read(token: str) -> list[Any]:
    return signing.loads(token.removeprefix(_MARK), salt=_SALT, max_age=TOKEN_SECONDS)


def _oldest(storage: Storage, by: User) -> list[str]:
    folder = f"{FOLDER}/{by.pk}"
    _folders, names = storage.listdir(folder)
    return [f"{folder}/{name}" for name in sorted(names)[:-MOST]]


def _storage() -> Storage:
    """Beside what browsers send to the bucket; on disk beside the documents."""
    return storages["uploads" if direct_uploads.are_possible() else "documents"]

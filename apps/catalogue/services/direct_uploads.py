"""Direct uploads: a browser sends pictures to the bucket by a presigned POST, so that no worker waits for a slow line.

A ticket is for one object under an unguessable key, of a given type, of limited size and for some minutes. The object
is untrusted: it is read back, checked and encoded anew like every other picture (`images.clean`) before any page can
show it, and no URL under `uploads/` is public. Where files lie on disk there are no tickets, and the form sends its
pictures itself.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core import signing
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.catalogue.services.images import MAX_BYTES, check_weight, not_an_image
from apps.common.errors import DomainError

TYPES = ("image/jpeg", "image/png", "image/webp", "image/avif", "image/gif")
SENDING_SECONDS = 300
"""How long the bucket accepts the object."""
TOKEN_SECONDS = 3600
"""How long the token is accepted, with the form that goes with it."""
_SALT = "catalogue.direct_uploads"


class UploadLost(DomainError):
    """The picture never arrived, was sent with another person's ticket, or its token has expired."""

    code = "upload_lost"


@dataclass(frozen=True, slots=True)
class Ticket:
    """Where to send a form of `fields` with the `file` last, and the `token` to give back with the page's own form."""

    url: str
    fields: dict[str, str]
    token: str


def are_possible() -> bool:
    return "uploads" in settings.STORAGES


def give_ticket(*, by: User, content_type: str, size: int) -> Ticket:
    """Raises ImageRefused for a type or a size that would be refused anyway."""
    check_weight(size)
    if content_type not in TYPES:
        raise not_an_image()
    name = f"{by.pk}/{secrets.token_urlsafe(24)}"
    storage: Any = storages["uploads"]
    key = f"{storage.location}/{name}"
    fields = {"Content-Type": content_type}
    presigned = storage.connection.meta.client.generate_presigned_post(
        storage.bucket_name,
        key,
        Fields=fields,
        Conditions=[fields, ["content-length-range", 1, MAX_BYTES]],
        ExpiresIn=SENDING_SECONDS,
    )
    return Ticket(presigned["url"], presigned["fields"], signing.dumps(name, salt=_SALT))


def collect(*, token: str, by: User) -> SimpleUploadedFile:
    """The object that was sent with a ticket of this person's, unchecked; it is deleted from the bucket.

    Raises UploadLost, and ImageRefused for what is heavier than the ticket allowed.
    """
    lost = UploadLost(_("L’image envoyée n’est plus là. Choisissez-la à nouveau."))
    try:
        name = signing.loads(token, salt=_SALT, max_age=TOKEN_SECONDS)
    except signing.BadSignature as error:
        raise lost from error
    if not name.startswith(f"{by.pk}/"):
        raise lost
    storage = storages["uploads"]
    try:
        check_weight(storage.size(name))
        with storage.open(name) as file:
            content = file.read()
        storage.delete(name)
    except (FileNotFoundError, ClientError, BotoCoreError) as error:
        raise lost from error
    return SimpleUploadedFile("image", content)

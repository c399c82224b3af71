"""Pictures that a browser sends straight to the bucket, so that no worker of ours waits for a slow line.

A ticket names one key that nobody can guess, and lets that one object be sent within minutes, by type and size. What
arrives is only bytes: it is read back, checked and written anew like every other picture (`images.clean`) before any
page can show it, and no address of `uploads/` is ever public. Where files lie on disk there are no tickets, and the
form sends its pictures itself.
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
"""How long the bucket takes it."""
KEPT_SECONDS = 3600
"""How long the form that goes with it may be filled in."""
_SALT = "catalogue.direct_uploads"


class UploadLost(DomainError):
    """It never arrived, is of another person's ticket, or has waited too long."""

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
    said = {"Content-Type": content_type}
    made = storage.connection.meta.client.generate_presigned_post(
        storage.bucket_name,
        key,
        Fields=said,
        Conditions=[said, ["content-length-range", 1, MAX_BYTES]],
        ExpiresIn=SENDING_SECONDS,
    )
    return Ticket(made["url"], made["fields"], signing.dumps(name, salt=_SALT))


def collect(*, token: str, by: User) -> SimpleUploadedFile:
    """What was sent with a ticket of this person's, unchecked; the bucket keeps it no longer.

    Raises UploadLost, and ImageRefused for what is heavier than the ticket allowed.
    """
    lost = UploadLost(_("L’image envoyée n’est plus là. Choisissez-la à nouveau."))
    try:
        name = signing.loads(token, salt=_SALT, max_age=KEPT_SECONDS)
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

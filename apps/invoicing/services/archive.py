"""The archive of a closed month: its documents and closings as one file of JSON lines, signed with Ed25519.

Who holds the public key can check a file without the shop. The private key is derived from SECRET_KEY and used for
nothing else; where it is changed, SECRET_KEY_FALLBACKS says which keys were the shop's.
"""

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import QuerySet

from apps.invoicing.canonical import FORMAT, canonical
from apps.invoicing.identity import seller
from apps.invoicing.models import Archive, Closing, Document
from apps.invoicing.services.close import hashed

if TYPE_CHECKING:
    # Imported where a file is signed or checked, which a web worker never does: 6 MB.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FOLDER = "invoicing/"
AT_ONCE = 1000


@dataclass(frozen=True)
class Signed:
    key: str
    body: bytes
    sha256: str
    public_key: str
    signature: str

    @property
    def note(self) -> bytes:
        """What lies beside the file, for whoever checks it without the shop."""
        names = {"file": self.key, "sha256": self.sha256, "public_key": self.public_key, "signature": self.signature}
        return (json.dumps({"algorithm": "Ed25519 over the file", **names}, indent=2) + "\n").encode()


def archive_due() -> QuerySet[Closing]:
    """Closed months that have no archive, oldest first."""
    return Closing.objects.filter(period=Closing.Period.MONTH, archive=None).order_by("start_date")


def archive_of(closing: Closing) -> Signed:
    """The file of a closed month, byte for byte the same whenever it is made. Reads a thousand documents at a time; the
    compressed file is held in memory."""
    body = gzip.compress("".join(f"{line}\n" for line in _lines(closing)).encode(), mtime=0)
    key = _private_key(settings.SECRET_KEY)
    return Signed(
        key=f"{FOLDER}{closing.start_date:%Y-%m}.jsonl.gz",
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        public_key=key.public_key().public_bytes_raw().hex(),
        signature=key.sign(body).hex(),
    )


def record_archive(*, closing: Closing, signed: Signed, now: datetime) -> Archive:
    """Once the file is stored."""
    return Archive.objects.create(
        closing=closing,
        key=signed.key,
        sha256=signed.sha256,
        size=len(signed.body),
        public_key=signed.public_key,
        signature=signed.signature,
        archived_at=now,
    )


def is_signed(archive: Archive, body: bytes) -> bool:
    """Whether a stored file is the one that was archived, and signed with a key of this shop's."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if hashlib.sha256(body).hexdigest() != archive.sha256 or archive.public_key not in _public_keys():
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(archive.public_key))
        key.verify(bytes.fromhex(archive.signature), body)
    except (InvalidSignature, ValueError):
        return False
    return True


def _lines(closing: Closing) -> Iterator[str]:
    head = {"format": FORMAT, "from": closing.start_date, "to": closing.end_date, "seller": seller().company}
    yield canonical(head)
    documents = Document.objects.filter(issue_date__range=(closing.start_date, closing.end_date)).order_by("position")
    last = 0
    while rows := list(documents.filter(position__gt=last)[:AT_ONCE]):
        for document in rows:
            names = {"previous_hash": document.previous_id or "", "hash": document.hash}
            yield canonical({"document": document.content, **names})
        last = rows[-1].position
    closings = Closing.objects.filter(start_date__gte=closing.start_date, end_date__lte=closing.end_date)
    for each in closings.order_by("start_date", "period"):
        yield canonical({"closing": hashed(each), "previous_hash": each.previous_id or "", "hash": each.hash})


@cache
def _private_key(secret: str) -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"invoice archives {secret}".encode()).digest())


def _public_keys() -> set[str]:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return {_private_key(each).public_key().public_bytes_raw().hex() for each in secrets}

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.common.email_addresses import canonical_email
from apps.prospects.contact import email_key, phone_key
from apps.prospects.models import Prospect, Stage
from apps.prospects.services.errors import KeyReused
from apps.prospects.services.history import Author, Kind, note
from apps.prospects.services.ranks import top


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
        raise KeyReused(_("Cette clé d’idempotence a déjà servi pour un autre envoi. Prenez-en une nouvelle."))
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
    stage = Stage.objects.shown().order_by("position", "pk")[:1].get()
    prospect = Prospect(
        **vars(details) | {"email": canonical_email(details.email)},
        email_key=email_key(details.email),
        phone_key=phone_key(details.phone),
        verified=verified,
        stage=stage,
        stage_since=now,
        last_contact_at=now,
        rank=top(now),
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
            note(prospect, Kind.CREATED, by or Author(), now, to_stage=stage)
    except IntegrityError:
        # The same request, sent twice at once.
        known = find_repeat(request_key=request_key, digest=request_digest) if request_key else None
        if known is None:
            raise
        return known
    return prospect

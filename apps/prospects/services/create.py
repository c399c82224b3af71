from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import transaction

from apps.common.email_addresses import canonical_email
from apps.prospects.contact import email_key, phone_key
from apps.prospects.fields import CONTACT
from apps.prospects.models import Prospect, Stage
from apps.prospects.services.history import Author, Kind, note
from apps.prospects.services.ranks import top


def _nothing(_prospect: Prospect) -> None:
    return


def create_prospect(
    *,
    details: Mapping[str, str],
    verified: bool,
    consent_version: str,
    ip: str,
    now: datetime,
    by: Author | None = None,
    written: Callable[[Prospect], None] = _nothing,
) -> Prospect:
    """Create a prospect on top of the first column, whether its e-mail is in use or not: the sender learns nothing of
    others.

    `details` are fields of CONTACT, the required ones at least. `consent_version` is empty without consent. `written`
    is called in the same transaction: what it writes is there if the prospect is, and what it raises undoes both.
    """
    if unknown := set(details) - {field.name for field in CONTACT}:
        raise ValueError(f"not of a contact: {sorted(unknown)}")
    stage = Stage.objects.visible().order_by("position", "pk")[:1].get()
    prospect = Prospect(
        **{**details, "email": canonical_email(details["email"])},
        email_key=email_key(details["email"]),
        phone_key=phone_key(details.get("phone", "")),
        verified=verified,
        stage=stage,
        stage_since=now,
        last_contact_at=now,
        rank=top(now),
        consent_version=consent_version,
        consent_at=now if consent_version else None,
        consent_address=ip if consent_version else "",
        created_at=now,
    )
    with transaction.atomic(durable=True):
        prospect.save(force_insert=True)
        note(prospect, Kind.CREATED, by or Author(), now, to_stage=stage)
        written(prospect)
    return prospect

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps.accounts.models import User
from apps.common import outbox
from apps.common.transactions import retry_on_deadlock
from apps.prospects.emails import TeamEmail
from apps.prospects.models import Note
from apps.prospects.services.history import Author, Kind, lock, note, touch
from apps.prospects.services.mentions import find_mentions


@dataclass(frozen=True)
class Written:
    note: Note
    notified: list[User]
    unknown: list[str]


@retry_on_deadlock
def add_note(*, prospect_id: int, text: str, key: str, by: Author, now: datetime) -> Written:
    """Write a note; colleagues named in it by « @name » get an e-mail after commit.

    The same `key` again returns the first note and notifies nobody. A note is a contact: it restarts the three years of
    retention. Does not change the card's version: notes do not overwrite each other. Raises Prospect.DoesNotExist.
    """
    mentions = find_mentions(text)
    with transaction.atomic(durable=True):
        prospect = lock(prospect_id, None)
        written, is_new = Note.objects.get_or_create(
            key=key,
            defaults={
                "prospect": prospect,
                "author": by.user,
                "author_name": by.signature,
                "text": text,
                "created_at": now,
            },
        )
        if not is_new:
            return Written(written, [], [])
        touch(prospect, now)
        note(prospect, Kind.NOTED, by, now)
        notified = [user for user in mentions.people if user != by.user]
        for user in notified:
            outbox.enqueue(
                kind=TeamEmail.MENTION,
                key=f"mention-{written.pk}-{user.pk}",
                object_id=written.pk,
                occasion=str(user.pk),
                language=user.language,
                now=now,
            )
    return Written(written, notified, mentions.unknown)

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.common.transactions import survives_deadlock
from apps.prospects.models import Note, Prospect
from apps.prospects.services.history import Author, Kind, lock, note, touch
from apps.prospects.services.letters import card_address, owe
from apps.prospects.services.mentions import find_mentions


@dataclass(frozen=True)
class Written:
    note: Note
    told: list[User]
    unknown: list[str]


@survives_deadlock
def add_note(*, prospect_id: int, text: str, key: str, by: Author, now: datetime) -> Written:
    """Write a note; colleagues named in it by « @name » get an e-mail after commit.

    The same `key` again returns the first note and tells nobody. A note is a contact: it begins the three years anew.
    Does not change the card's version: notes do not overwrite each other. Raises Prospect.DoesNotExist.
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
        told = [user for user in mentions.people if user != by.user]
        for user in told:
            _tell(user, written, prospect, now)
    return Written(written, told, mentions.unknown)


def _tell(user: User, written: Note, prospect: Prospect, now: datetime) -> None:
    with translation.override(user.language):
        owe(
            key=f"mention-{written.pk}-{user.pk}",
            user=user,
            subject=_("%(author)s vous nomme sur la carte de %(prospect)s")
            % {"author": written.author_name, "prospect": prospect},
            text="\n\n".join(
                [
                    _("Bonjour,"),
                    _("%(author)s a écrit :") % {"author": written.author_name},
                    written.text,
                    _("Ouvrir la carte :") + "\n" + card_address(prospect.pk, language=user.language),
                ]
            ),
            now=now,
        )

"""`Idempotency-Key`: a repeated request gets the first response and writes nothing, for 24 hours.

Whatever has become since then of what was written. The key is checked before a captcha or a limit is used up: of equal
requests at once one runs, the others wait for its response. What the shop adds to a response is stored in the
transaction of the write itself: both are there or neither, wherever a process dies. A refusal is not stored: a repeat
is validated anew.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter

from apps.api.client import principal
from apps.api.errors import Refused
from apps.api.models import StoredResponse
from apps.api.retention import RESPONSE_RETENTION
from apps.common.insert import insert_new

MAX_LENGTH = 200
# Longer than any request may take; a longer one is refused at the end and writes nothing.
LEASE = timedelta(seconds=60)
# Equal requests wait three seconds for the response of the running one.
PAUSE_SECONDS = 0.05
PAUSES = 60

HEADER = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH, "pattern": r"^[!-~]([ -~]*[!-~])?$"},
    OpenApiParameter.HEADER,
    description=(
        "A name of this request, of the sender’s choice (a UUID). The same request with the same key gets the first "
        "answer for 24 hours; another request with it is refused (422), and one that comes while the first is at work "
        "waits, or is told to come back (409 with Retry-After). Each caller has keys of its own, and each address."
    ),
)


class Attempt:
    """One run of a request. `facts` is None until it has been answered, in this run or an earlier one."""

    def __init__(self, key: str = "", holder: str = "", facts: dict[str, Any] | None = None) -> None:
        self.key = key
        self.holder = holder
        self.facts = facts

    def keep(self, facts: dict[str, Any]) -> None:
        """To be called in the transaction that writes. Raises Refused where another run has taken over the lease."""
        if self.key and not self._write(facts):
            raise _in_flight()
        self.facts = facts

    def release(self) -> None:
        if self.key:
            self._mine().delete()

    def _write(self, facts: dict[str, Any]) -> bool:
        """Whether the row is still this run's. Plain SQL: a queryset would compile the same each time."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE api_keptanswer SET facts = %s WHERE api_keptanswer.key = %s AND holder = %s AND facts IS NULL",
                [json.dumps(facts), self.key, self.holder],
            )
            return cursor.rowcount == 1

    def _mine(self) -> Any:
        return StoredResponse.objects.filter(pk=self.key, holder=self.holder, facts__isnull=True)


@contextmanager
def once(request: Any, *, action: str) -> Iterator[Attempt]:
    """Runs a block once for each key. The caller writes and calls `keep`, or finds `facts` there already.

    Raises Refused for an invalid key, one used for another request, or one whose request is running.
    """
    given = request.headers.get("Idempotency-Key")
    if given is None:
        yield Attempt()
        return
    # White space around a header's value is not part of it (RFC 9110, 5.5), whatever the server has left of it.
    given = given.strip(" \t")
    if not (0 < len(given) <= MAX_LENGTH and given.isascii() and given.isprintable()):
        raise Refused(
            HTTPStatus.BAD_REQUEST,
            "invalid_idempotency_key",
            _("La clé d’idempotence doit compter de 1 à 200 caractères ASCII."),
        )
    key = _hash(action, principal(request), given)
    attempt = _begin(key, _hash(given, json.dumps(request.data, sort_keys=True)))
    try:
        yield attempt
    except BaseException:
        attempt.release()
        raise
    if attempt.facts is None:
        attempt.release()


def _begin(key: str, request_hash: str) -> Attempt:
    holder = secrets.token_hex(16)
    for turn in range(PAUSES + 1):
        now = timezone.now()
        fresh = {"request_hash": request_hash, "holder": holder, "held_until": now + LEASE, "created_at": now}
        stored = StoredResponse.objects.filter(pk=key).first() if turn else None
        if stored is None:
            if insert_new(StoredResponse(key=key, **fresh)):
                return Attempt(key, holder)
            stored = StoredResponse.objects.filter(pk=key).first()
        if stored is None:
            continue
        if _is_free(stored, now):
            same = StoredResponse.objects.filter(pk=key, holder=stored.holder, created_at=stored.created_at)
            if same.update(**fresh, facts=None):
                return Attempt(key, holder)
            continue
        if stored.request_hash != request_hash:
            raise Refused(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "idempotency_key_reused",
                _("Cette clé d’idempotence a déjà servi pour un autre envoi. Prenez-en une nouvelle."),
            )
        if stored.facts is not None:
            return Attempt(key, holder, stored.facts)
        time.sleep(PAUSE_SECONDS)
    raise _in_flight()


def _is_free(stored: StoredResponse, now: datetime) -> bool:
    """Whether its retention has ended, or its lease without a response."""
    return stored.created_at <= now - RESPONSE_RETENTION or (stored.facts is None and stored.held_until <= now)


def _in_flight() -> Refused:
    return Refused(
        HTTPStatus.CONFLICT,
        "request_in_flight",
        _("Le même envoi est en cours. Réessayez dans une seconde : vous aurez sa réponse."),
        wait=1,
    )


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()

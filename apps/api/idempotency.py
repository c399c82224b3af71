"""`Idempotency-Key`: a request sent again, because its answer got lost, gets the first answer and writes nothing."""

import hashlib
import json
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter

from apps.api.client import principal
from apps.api.errors import Refused

HEADER = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="1–200 ASCII characters")
MAX_LENGTH = 200


class Repeatable(NamedTuple):
    key: str | None
    """Of this client alone: somebody else's same words are another key."""
    digest: str
    """Of what was asked."""


def repeatable(request: Any, *, action: str) -> Repeatable:
    """Raises Refused for a key that is none."""
    given = request.headers.get("Idempotency-Key")
    asked = json.dumps(request.data, sort_keys=True).encode()
    digest = hashlib.sha256(asked).hexdigest()
    if given is None:
        return Repeatable(None, digest)
    if not (0 < len(given) <= MAX_LENGTH and given.isascii() and given.isprintable()):
        raise Refused(
            400, "invalid_idempotency_key", _("La clé d’idempotence doit compter de 1 à 200 caractères ASCII.")
        )
    who = f"{action}\n{principal(request)}\n{given}"
    return Repeatable(hashlib.sha256(who.encode()).hexdigest(), digest)

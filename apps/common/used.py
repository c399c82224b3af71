"""What counts once: a captcha's token, a message. That it was used stands in a table that no flood empties."""

import hashlib
from datetime import datetime, timedelta

from apps.common.insert import insert_new
from apps.common.models import UsedToken


def use_up(identity: str, *, now: datetime, kept: timedelta, by: str = "") -> bool:
    """Whether this is the first use, of those within `kept`. A request that has a name (`by`) and died half-way may use
    it again."""
    digest = _digest(identity)
    if insert_new(UsedToken(digest=digest, used_by=by, expires_at=now + kept)):
        return True
    return bool(by) and UsedToken.objects.filter(pk=digest, used_by=by).exists()


def is_used(identity: str) -> bool:
    return UsedToken.objects.filter(pk=_digest(identity)).exists()


def _digest(identity: str) -> str:
    return hashlib.sha256(identity.encode()).hexdigest()

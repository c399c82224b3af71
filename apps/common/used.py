"""Single use of tokens (a captcha's token, a message), recorded in a table; a cache could lose it."""

import hashlib
from datetime import datetime, timedelta

from apps.common.insert import insert_new
from apps.common.models import UsedToken


def use_up(identity: str, *, now: datetime, lifetime: timedelta, by: str = "") -> bool:
    """Record the use of `identity` for `lifetime`; False when it is recorded already. A request with a key (`by`) that
    was interrupted may use it again."""
    token_hash = _hash(identity)
    if insert_new(UsedToken(token_hash=token_hash, used_by=by, expires_at=now + lifetime)):
        return True
    return bool(by) and UsedToken.objects.filter(pk=token_hash, used_by=by).exists()


def is_used(identity: str) -> bool:
    return UsedToken.objects.filter(pk=_hash(identity)).exists()


def _hash(identity: str) -> str:
    return hashlib.sha256(identity.encode()).hexdigest()

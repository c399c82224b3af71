from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from apps.accounts.models import User
from apps.api.models import ApiKey, Scope

# Precision of the last use: a busy key is not written at every call.
LAST_USE_PRECISION = timedelta(minutes=1)


def create_key(*, name: str, scopes: Sequence[Scope], by: User | None, now: datetime) -> tuple[ApiKey, str]:
    """A new key and its secret, which cannot be read again."""
    secret = ApiKey.new_secret()
    key = ApiKey.objects.create(
        name=name,
        scopes=[str(scope) for scope in scopes],
        secret_hash=ApiKey.hash_of(secret),
        hint=secret[:8],
        created_by=by,
        created_at=now,
    )
    return key, secret


def find_key(*, secret: str, now: datetime) -> ApiKey | None:
    """The valid key with this secret; updates its last use."""
    key = ApiKey.objects.valid().filter(secret_hash=ApiKey.hash_of(secret)).first()
    if key and (key.last_used_at is None or key.last_used_at < now - LAST_USE_PRECISION):
        old = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USE_PRECISION)
        ApiKey.objects.filter(old, pk=key.pk).update(last_used_at=now)
    return key


def revoke_key(*, key: ApiKey, now: datetime) -> None:
    """Revoke a key. A repeat changes nothing."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now, updated_at=now)

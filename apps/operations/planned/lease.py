"""Which scheduler acts: a lease in the database, by the database's clock, so that no host's clock matters."""

from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q

from apps.operations.models import BeatLease

NAME = "beat"
# A dead holder is replaced after this long and one tick of the others.
LENGTH = timedelta(seconds=30)
_NOW = {"mysql": "SELECT UTC_TIMESTAMP(6)", "sqlite": "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"}


def age(*, using: str) -> timedelta | None:
    """How long ago the lease was renewed, as this replica knows it, by the primary's clock; None where it never was.

    The holder renews it every two seconds: the replica has all that was committed before. Of a released or abandoned
    lease the age grows, and replicas are not read until somebody holds it again.
    """
    expires_at = BeatLease.objects.using(using).filter(name=NAME).values_list("expires_at", flat=True).first()
    return database_now() - (expires_at - LENGTH) if expires_at else None


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(_NOW[connection.vendor])
        (value,) = cursor.fetchone()
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC)


def hold(*, holder: str, now: datetime) -> int | None:
    """Take or renew the lease; returns its token, or None while another holds it.

    `now` is the database's. One UPDATE decides: of two that find it expired, one changes the row.
    """
    mine = BeatLease.objects.filter(name=NAME, holder=holder, expires_at__gt=now)
    if not mine.update(expires_at=now + LENGTH):
        if not BeatLease.objects.filter(name=NAME).exists():
            try:
                with transaction.atomic():
                    BeatLease.objects.create(name=NAME, holder=holder, token=1, expires_at=now + LENGTH)
            except IntegrityError:
                return None
            return 1
        free = BeatLease.objects.filter(Q(expires_at__lte=now) | Q(holder=holder), name=NAME)
        if not free.update(holder=holder, token=F("token") + 1, expires_at=now + LENGTH):
            return None
    return BeatLease.objects.filter(name=NAME, holder=holder).values_list("token", flat=True).first()


def release(*, holder: str) -> None:
    """Release it at once, so that the next holder need not wait for its end."""
    BeatLease.objects.filter(name=NAME, holder=holder).update(expires_at=datetime(2000, 1, 1, tzinfo=UTC))

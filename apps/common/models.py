from typing import Any, NoReturn

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.common.fields import ExactCharField


class Timestamped(models.Model):
    created_at = models.DateTimeField(_("créé le"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("modifié le"), auto_now=True)

    class Meta:
        abstract = True


class AppendOnlyError(Exception):
    """A ledger row was about to be changed or deleted."""


class AppendOnlyQuerySet(models.QuerySet):
    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(self.model.__name__)

    def delete(self) -> NoReturn:
        raise AppendOnlyError(self.model.__name__)


class AppendOnly(models.Model):
    """A ledger row: inserted once, then neither updated nor deleted through the ORM."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError(type(self).__name__)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(type(self).__name__)


class CacheEntry(models.Model):
    """The table of the database cache, which every process and instance shares; only the cache reads it.

    It may lose an entry at any time. What must not be lost, or is counted exactly, has a table of its own below.
    """

    cache_key = ExactCharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "common_cache"

    def __str__(self) -> str:
        return self.cache_key


class Rate(models.Model):
    """How much of its rate a client has used up: the moment, in microseconds since 1970, when it will have none left
    to make good (GCRA's theoretical arrival time). Keys are digests in hexadecimal."""

    who = ExactCharField(max_length=64, primary_key=True)
    free_at = models.BigIntegerField()

    def __str__(self) -> str:
        return self.who


class Attempts(models.Model):
    """When somebody last did what they may do only so often: seconds since 1970, as JSON, oldest first."""

    key = ExactCharField(max_length=100, primary_key=True)
    marks = models.TextField()
    version = models.PositiveIntegerField(default=1)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key


class UsedToken(models.Model):
    """What counts once and has been used: the digest of a captcha's token, of a message (used.py) or of a saved page of
    the back office, and of the request that used it."""

    digest = ExactCharField(max_length=64, primary_key=True)
    used_by = ExactCharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.digest

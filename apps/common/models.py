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
    """The table of Django's database cache, which every process and instance shares; only the cache reads it.

    It counts attempts (logins, messages): counted in each process's own memory, a limit would be as many times higher.
    """

    cache_key = ExactCharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "common_cache"

    def __str__(self) -> str:
        return self.cache_key

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
    """Attempt to change or delete a ledger row."""


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
    """The table of the database cache, shared by all processes and instances; only the cache backend reads it.

    It may lose an entry at any time. What must not be lost, or is counted exactly, has its own table below.
    """

    cache_key = ExactCharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "common_cache"

    def __str__(self) -> str:
        return self.cache_key


class Rate(models.Model):
    """State of a client's rate limit (`throttle.take`): GCRA's theoretical arrival time, in microseconds since 1970.
    Keys are hashes in hexadecimal."""

    who = ExactCharField(max_length=64, primary_key=True)
    free_at = models.BigIntegerField()

    def __str__(self) -> str:
        return self.who


class Attempts(models.Model):
    """Times of recent attempts (`throttle.attempt`): seconds since 1970, as JSON, oldest first."""

    key = ExactCharField(max_length=100, primary_key=True)
    marks = models.TextField()
    version = models.PositiveIntegerField(default=1)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key


class UsedToken(models.Model):
    """A token that was used up: the hash of a captcha's token, of a message (used.py) or of a saved page of the back
    office, and of the request that used it."""

    token_hash = ExactCharField(max_length=64, primary_key=True, db_column="digest")
    used_by = ExactCharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.token_hash


class OutboxEmail(models.Model):
    """A pending or sent e-mail, inserted in the transaction of the change that it is about (outbox.py).

    `kind` determines the composer and the table of `object_id`. Nothing of the message itself is stored: it is composed
    when it is sent, from the state at that time.
    """

    class Status(models.TextChoices):
        PENDING = "OWED", _("à envoyer")
        SENDING = "SENDING", _("en cours d’envoi")
        # The whole message is transmitted; whether the mail server accepted it is not known (yet).
        HANDED = "HANDED", _("remis, sans réponse")
        SENT = "SENT", _("envoyé")
        FAILED = "FAILED", _("échec")

    # One e-mail per key. The Message-ID is made from it.
    key = ExactCharField(max_length=150, unique=True)
    kind = ExactCharField(_("message"), max_length=40)
    object_id = models.BigIntegerField()
    # Distinguishes e-mails of one kind about one object: two refunds of one order; mostly empty.
    occasion = ExactCharField(max_length=60, blank=True)
    language = models.CharField(_("langue"), max_length=5)
    status = models.CharField(_("état"), max_length=8, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("essais"), default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("envoyé le"), null=True, blank=True)
    created_at = models.DateTimeField(_("créé le"), default=timezone.now)

    class Meta:
        verbose_name = _("e-mail")
        verbose_name_plural = _("e-mails")
        indexes = [
            models.Index(fields=["status", "created_at"], name="outbox_due"),
            models.Index(fields=["object_id", "kind"], name="outbox_about"),
        ]

    def __str__(self) -> str:
        return self.key

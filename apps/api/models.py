"""Credentials of programs: API keys, and sessions of tokens."""

import hashlib
import secrets
import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.fields import ExactCharField
from apps.common.models import Timestamped


class Scope(models.TextChoices):
    COMMENTS_WRITE = "comments:write", _("écrire des commentaires")
    PROSPECTS_CREATE = "prospects:create", _("déposer des prospects")
    PROSPECTS_READ = "prospects:read", _("lire les prospects")
    PROSPECTS_WRITE = "prospects:write", _("modifier les prospects")


class ApiKeyQuerySet(models.QuerySet):
    def valid(self) -> "ApiKeyQuerySet":
        return self.filter(revoked_at=None)


class ApiKey(Timestamped):
    """The key of a server that calls the API. Displayed once; only its SHA-256 is stored, which is enough for 256
    random bits."""

    PREFIX = "wm_"

    name = models.CharField(_("nom"), max_length=80)
    secret_hash = ExactCharField(max_length=64, unique=True, editable=False, db_column="digest")
    hint = models.CharField(_("début"), max_length=12, editable=False)
    scopes = models.JSONField(_("droits"), default=list)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, verbose_name=_("créée par")
    )
    last_used_at = models.DateTimeField(_("dernier usage"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("révoquée le"), null=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("clé d’API")
        verbose_name_plural = _("clés d’API")

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @staticmethod
    def hash_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()

    @classmethod
    def new_secret(cls) -> str:
        return cls.PREFIX + secrets.token_urlsafe(32)


class ApiSession(models.Model):
    """One login through the API. Its tokens are valid until it ends or its user's password changes; a refresh token is
    good once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_sessions")
    stamp = ExactCharField(max_length=64)
    refresh_id = ExactCharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("connexion par l’API")
        verbose_name_plural = _("connexions par l’API")

    def __str__(self) -> str:
        return str(self.pk)


class StoredResponse(models.Model):
    """The response to an idempotency key, for as long as its sender may repeat the request (idempotency.py).

    Nothing personal: names and texts come again with the repeated request. Stored are hashes of the key and of the
    request, and what the shop itself added (number, time, status).
    """

    key = ExactCharField(max_length=64, primary_key=True)
    request_hash = ExactCharField(max_length=64, db_column="digest")
    # The process that handles the request, and the end of its lease.
    holder = ExactCharField(max_length=32)
    held_until = models.DateTimeField()
    facts = models.JSONField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "api_keptanswer"

    def __str__(self) -> str:
        return self.key[:8]

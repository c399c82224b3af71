"""The verbs of comments: writing one, and what moderators do with it."""

import re
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.comments.models import Comment
from apps.common.errors import DomainError

Status = Comment.Status
_LINK = re.compile(
    r"https?://|www\.|\b[\w-]+\.(com|fr|net|org|info|ru|cn|xyz|top|io|shop|site|online)\b", re.IGNORECASE
)


class UnknownParent(DomainError):
    code = "unknown_parent"


class ReplyTooDeep(DomainError):
    code = "reply_too_deep"


class KeyReused(DomainError):
    code = "idempotency_key_reused"


def find_repeat(*, request_key: str, digest: str) -> Comment | None:
    """The comment that an earlier request with this key made. Raises KeyReused when that request said other things."""
    known = Comment.objects.filter(request_key=request_key).first()
    if known and known.request_digest != digest:
        raise KeyReused(
            _("Cette clé d’idempotence a déjà servi pour un autre envoi. Prenez-en une nouvelle."), status=422
        )
    return known


def write_comment(
    *,
    section_id: str,
    author: str,
    text: str,
    parent_id: int | None,
    user: User | None,
    is_person: bool,
    is_program: bool,
    now: datetime,
    request_key: str | None = None,
    request_digest: str = "",
) -> Comment:
    """Keep a comment, published at once or waiting for a moderator (`first_status`).

    Links always wait, except those of the team and of our own programs. Otherwise a solved captcha, a program's key and
    an account with a published and no refused comment are trusted; an account's first comment, and one that nothing
    vouches for, wait. The same `request_key` again returns the first comment. Raises UnknownParent, ReplyTooDeep,
    KeyReused.
    """
    if request_key and (known := find_repeat(request_key=request_key, digest=request_digest)):
        return known
    parent = _parent(section_id, parent_id)
    trusted = is_program or (user is not None and user.is_staff)
    vouched = trusted or is_person or (user is not None and _is_good_author(user))
    publishes = trusted or (vouched and not _LINK.search(f"{author} {text}"))
    status = Status.PUBLISHED if publishes else Status.PENDING
    comment = Comment(
        section_id=section_id,
        author=author,
        text=text,
        parent=parent,
        user=user,
        status=status,
        first_status=status,
        request_key=request_key,
        request_digest=request_digest,
        created_at=now,
    )
    try:
        with transaction.atomic():
            comment.save(force_insert=True)
    except IntegrityError:
        # The same request, sent twice at once.
        known = find_repeat(request_key=request_key, digest=request_digest) if request_key else None
        if known is None:
            raise
        return known
    return comment


def publish(*, comments: list[int], by: User, now: datetime) -> int:
    """Show comments; returns how many were not shown before."""
    return (
        Comment.objects.filter(pk__in=comments)
        .exclude(status=Status.PUBLISHED)
        .update(status=Status.PUBLISHED, reason="", moderated_by=by, moderated_at=now, updated_at=now)
    )


def reject(*, comments: list[int], reason: str, by: User, now: datetime) -> int:
    """Take comments away for a reason, which is kept; returns how many were not refused before."""
    return (
        Comment.objects.filter(pk__in=comments)
        .exclude(status=Status.REJECTED)
        .update(status=Status.REJECTED, reason=reason[:300], moderated_by=by, moderated_at=now, updated_at=now)
    )


def _parent(section_id: str, parent_id: int | None) -> Comment | None:
    if parent_id is None:
        return None
    parent = Comment.objects.published().in_section(section_id).filter(pk=parent_id).first()
    if parent is None:
        raise UnknownParent(_("Le commentaire auquel vous répondez n’existe plus. Écrivez-en un nouveau."), status=400)
    if parent.parent_id is not None:
        raise ReplyTooDeep(_("On ne répond pas à une réponse. Répondez au premier commentaire."), status=400)
    return parent


def _is_good_author(user: User) -> bool:
    states = set(Comment.objects.of(user).values_list("status", flat=True).distinct())
    return Status.PUBLISHED in states and Status.REJECTED not in states

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.comments.models import Comment
from apps.comments.purchases import Purchase
from apps.comments.services.refresh import refresh_section
from apps.comments.services.trust import has_link, is_good_author, is_good_visitor
from apps.comments.threads import MAX_REPLIES
from apps.common.errors import DomainError
from apps.common.insert import insert
from apps.common.transactions import retry_on_deadlock

Status = Comment.Status


class UnknownParent(DomainError):
    code = "unknown_parent"


class ReplyTooDeep(DomainError):
    code = "reply_too_deep"


class ThreadFull(DomainError):
    code = "thread_full"


class KeyReused(DomainError):
    code = "idempotency_key_reused"


class AlreadyRated(DomainError):
    code = "already_rated"


def find_repeat(*, request_key: str, request_hash: str) -> Comment | None:
    """The comment of an earlier request with this key. Raises KeyReused when that request had another content."""
    earlier_comment = Comment.objects.filter(request_key=request_key).first()
    if earlier_comment and earlier_comment.request_hash != request_hash:
        raise KeyReused(_("Cette clé d’idempotence a déjà servi pour un autre envoi. Prenez-en une nouvelle."))
    return earlier_comment


@retry_on_deadlock
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
    request_hash: str = "",
    email: str = "",
    language: str = "fr",
    earlier: Comment | None = None,
    rating: int | None = None,
    purchase: Purchase | None = None,
    written: Callable[[Comment], None] | None = None,
) -> Comment:
    """Insert a comment, published at once or waiting for a moderator (`first_status`).

    Staff and our own programs are published. A comment with a link waits. Without one it is published for a solved
    captcha (`is_person`), a good author or a good visitor (`trust.py`), else it waits. A rating needs a `purchase`, and
    counts once per buyer and product. The same `request_key` again returns the first comment. `written` is called in
    the transaction of a new comment: what it raises rolls back both.

    Raises UnknownParent, ReplyTooDeep, ThreadFull, KeyReused, AlreadyRated.
    """
    if request_key and (earlier_comment := find_repeat(request_key=request_key, request_hash=request_hash)):
        return earlier_comment
    parent = _parent(section_id, parent_id)
    trusted = is_program or (user is not None and user.is_staff)
    vouched = trusted or is_person or is_good_author(user) or is_good_visitor(earlier)
    publishes = trusted or (vouched and not has_link(f"{author} {text}"))
    status = Status.PUBLISHED if publishes else Status.PENDING
    rates = purchase is not None and rating is not None and parent is None
    comment = Comment(
        section_id=section_id,
        author=author,
        text=text,
        parent=parent,
        user=user,
        status=status,
        first_status=status,
        by_team=user is not None and user.is_staff,
        email=email,
        language=language,
        bought_on=purchase.bought_on if purchase else None,
        rating=rating if rates else None,
        buyer_account=purchase.account_hash if purchase and rates else None,
        buyer_email=purchase.email_hash if purchase and rates else None,
        request_key=request_key,
        request_hash=request_hash,
        created_at=now,
    )
    # One statement is a transaction by itself: BEGIN and COMMIT would be three round trips more on MySQL.
    is_alone = not (publishes or rates or request_key or written)
    try:
        with nullcontext() if is_alone else transaction.atomic(durable=True):
            insert(comment)
            if publishes:
                refresh_section(section_id)
            if written:
                written(comment)
    except IntegrityError:
        # A concurrent repeat of the request, or a second rating.
        earlier_comment = find_repeat(request_key=request_key, request_hash=request_hash) if request_key else None
        if earlier_comment is not None:
            return earlier_comment
        if not rates:
            raise
        raise AlreadyRated(
            _("Vous avez déjà noté ce produit. Supprimez votre premier avis pour en donner un autre.")
        ) from None
    return comment


def _parent(section_id: str, parent_id: int | None) -> Comment | None:
    if parent_id is None:
        return None
    parent = Comment.objects.published().in_section(section_id).filter(pk=parent_id, withdrawn_at=None).first()
    if parent is None:
        raise UnknownParent(_("Le commentaire auquel vous répondez n’existe plus. Écrivez-en un nouveau."))
    if parent.parent_id is not None:
        raise ReplyTooDeep(_("On ne répond pas à une réponse. Répondez au premier commentaire."))
    if parent.replies.count() >= MAX_REPLIES:
        raise ThreadFull(_("Cette conversation a assez de réponses. Commencez-en une nouvelle."))
    return parent

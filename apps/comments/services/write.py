from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.comments.models import Comment
from apps.comments.purchases import Purchase
from apps.comments.services.digest import refresh_section
from apps.comments.services.trust import has_link, is_good_author, is_good_visitor
from apps.comments.threads import MAX_REPLIES
from apps.common.errors import DomainError
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


def find_repeat(*, request_key: str, digest: str) -> Comment | None:
    """The comment that an earlier request with this key made. Raises KeyReused when that request said other things."""
    known = Comment.objects.filter(request_key=request_key).first()
    if known and known.request_digest != digest:
        raise KeyReused(_("Cette clé d’idempotence a déjà servi pour un autre envoi. Prenez-en une nouvelle."))
    return known


def _nothing(_comment: Comment) -> None:
    return


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
    request_digest: str = "",
    email: str = "",
    language: str = "fr",
    earlier: Comment | None = None,
    rating: int | None = None,
    purchase: Purchase | None = None,
    written: Callable[[Comment], None] = _nothing,
) -> Comment:
    """Keep a comment, published at once or waiting for a moderator (`first_status`).

    Links always wait, except those of the team and of our own programs. Otherwise a solved captcha, a program's key, an
    account with a published and no refused comment and a visitor whose `earlier` comment is published are trusted;
    somebody's first comment that nothing vouches for waits. A rating needs the purchase that allows it, and counts once
    for each buyer and product. The same `request_key` again returns the first comment. `written` is called in the same
    transaction as a new one: what it writes is there if the comment is, and what it raises undoes both.

    Raises UnknownParent, ReplyTooDeep, ThreadFull, KeyReused, AlreadyRated.
    """
    if request_key and (known := find_repeat(request_key=request_key, digest=request_digest)):
        return known
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
        buyer_account=purchase.account if purchase and rates else None,
        buyer_email=purchase.email if purchase and rates else None,
        request_key=request_key,
        request_digest=request_digest,
        created_at=now,
    )
    try:
        with transaction.atomic(durable=True):
            comment.save(force_insert=True)
            if publishes:
                refresh_section(section_id)
            written(comment)
    except IntegrityError:
        # The same request, sent twice at once; or a second rating.
        known = find_repeat(request_key=request_key, digest=request_digest) if request_key else None
        if known is not None:
            return known
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

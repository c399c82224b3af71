"""Personal data in comments: export and erasure (GDPR articles 15, 17 and 20)."""

from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.comments.models import Comment, Report
from apps.comments.querysets import CommentQuerySet
from apps.comments.services.refresh import refresh_section


def comments_of(user: User) -> CommentQuerySet:
    """Written with the account, or without one under an address that this account has proved to be its own."""
    verified = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return Comment.objects.filter(Q(user=user) | Q(user=None, email__in=list(verified)))


def collect_comments(*, user: User) -> list[dict[str, Any]]:
    """A customer's comments and ratings, for an export."""
    return _rows(comments_of(user))


def collect_guest_comments(*, email: str) -> list[dict[str, Any]]:
    """What was written without an account by somebody who left this address, for the team."""
    return _rows(_of_email(email))


def collect_reports(*, user: User) -> list[dict[str, Any]]:
    """What a customer reported, for an export."""
    columns = ("comment_id", "reason", "note", "created_at")
    return list(Report.objects.filter(user=user).order_by("pk").values(*columns))


def erase_comments(*, user: User) -> int:
    """Take a customer's name off what they wrote; the words stay where others answered them."""
    Report.objects.filter(user=user).update(user=None, note="")
    return _anonymise(comments_of(user))


def erase_guest_comments(*, email: str) -> int:
    """The same for what was written without an account by somebody who left this address."""
    return _anonymise(_of_email(email))


def _of_email(email: str) -> CommentQuerySet:
    return Comment.objects.filter(user=None, email=email)


def _rows(comments: CommentQuerySet) -> list[dict[str, Any]]:
    columns = ("section_id", "author", "email", "text", "rating", "bought_on", "status", "reason")
    return list(comments.order_by("created_at", "pk").values(*columns, "created_at", "edited_at"))


def _anonymise(comments: CommentQuerySet) -> int:
    written = list(comments.values_list("pk", "section_id", "status"))
    count = Comment.objects.filter(pk__in=[pk for pk, *_rest in written]).update(
        author=_("Ancien client"), user=None, email="", buyer_account=None, buyer_email=None
    )
    for section_id in sorted({section for _pk, section, status in written if status == Comment.Status.PUBLISHED}):
        refresh_section(section_id)
    return count

"""What the shop keeps of what a customer wrote."""

from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.comments.models import Comment, Report
from apps.comments.querysets import CommentQuerySet
from apps.comments.services.digest import refresh_section


def comments_of(user: User) -> CommentQuerySet:
    """Written with the account, or without one under an address that this account has proved to be its own."""
    verified = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    owned = Q(user=user)
    for email in verified:
        owned |= Q(user=None, email__iexact=email)
    return Comment.objects.filter(owned)


def personal_data(user: User) -> list[dict[str, Any]]:
    """A customer's comments and ratings, for an export."""
    columns = ("section_id", "author", "email", "text", "rating", "bought_on", "status", "reason")
    return list(comments_of(user).order_by("created_at", "pk").values(*columns, "created_at", "edited_at"))


def reports_of(user: User) -> list[dict[str, Any]]:
    """What a customer reported, for an export."""
    return list(Report.objects.filter(user=user).order_by("pk").values("comment_id", "reason", "note", "created_at"))


def anonymise_comments(*, user: User) -> int:
    """Take a customer's name off what they wrote; the words stay where others answered them."""
    written = list(comments_of(user).values_list("pk", "section_id", "status"))
    Report.objects.filter(user=user).update(user=None, note="")
    count = Comment.objects.filter(pk__in=[pk for pk, *_rest in written]).update(
        author=_("Ancien client"), user=None, email="", buyer_account=None, buyer_email=None
    )
    for section_id in sorted({section for _pk, section, status in written if status == Comment.Status.PUBLISHED}):
        refresh_section(section_id)
    return count

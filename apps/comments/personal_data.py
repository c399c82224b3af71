"""What the shop keeps of what a customer wrote."""

from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.comments.models import Comment


def personal_data(user: User) -> list[dict[str, Any]]:
    """A customer's comments, for an export."""
    return list(
        Comment.objects.of(user)
        .order_by("created_at", "pk")
        .values("section_id", "author", "text", "status", "reason", "created_at")
    )


def anonymise_comments(*, user: User) -> int:
    """Take a customer's name off what they wrote; the words stay where others answered them."""
    return Comment.objects.of(user).update(author=_("Ancien client"), user=None)

from django.utils.crypto import constant_time_compare, salted_hmac

from apps.comments.models import Comment


def author_token(comment: Comment) -> str:
    """160 bits that only this server can make: whoever holds them wrote the comment. The same at any time."""
    return salted_hmac("apps.comments.author", str(comment.pk), algorithm="sha256").hexdigest()[:40]


def is_author(comment: Comment, token: str) -> bool:
    return bool(token) and token.isascii() and constant_time_compare(token, author_token(comment))

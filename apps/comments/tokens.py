from django.utils.crypto import constant_time_compare, salted_hmac

from apps.comments.models import Comment


def author_token(comment: Comment) -> str:
    """Secret that proves authorship of a comment: 160 bits of an HMAC of its id, so always the same."""
    return salted_hmac("apps.comments.author", str(comment.pk), algorithm="sha256").hexdigest()[:40]


def is_author(comment: Comment, token: str) -> bool:
    return bool(token) and token.isascii() and constant_time_compare(token, author_token(comment))

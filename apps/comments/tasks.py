from celery import shared_task
from django.utils import timezone

from apps.comments import retention
from apps.comments.invitations import invite_reviews
from apps.comments.notifications import tell_author

__all__ = ["forget_refused", "invite_reviews", "tell_author"]


@shared_task(name="comments.forget_refused")
def forget_refused(**_unknown: object) -> int:
    """Every night: what was refused a year ago."""
    return retention.forget_refused(now=timezone.now())

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from apps.accounts.models import User
from apps.comments.models import Comment, Report
from apps.common.transactions import retry_on_deadlock


@retry_on_deadlock
def report_comment(*, comment: Comment, reason: str, note: str, user: User | None, ip: str, now: datetime) -> bool:
    """Report a comment to the moderators, once per person (account, or else IP); False for a repeat."""
    who = f"user {user.pk}" if user else f"address {ip}"
    reporter = salted_hmac("apps.comments.reporter", who, algorithm="sha256").hexdigest()
    try:
        with transaction.atomic(durable=True):
            # The comment first: the update waits for a moderator who has locked it.
            Comment.objects.filter(pk=comment.pk).update(open_reports=F("open_reports") + 1)
            Report.objects.create(
                comment=comment, reason=reason, note=note[:300], reporter=reporter, user=user, created_at=now
            )
    except IntegrityError:
        return False
    return True

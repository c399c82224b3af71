"""Rate limits for writing and reporting comments, shared by the storefront and the API."""

from datetime import timedelta

from apps.common import throttle

MINUTES = timedelta(minutes=10)
PER_CLIENT = 30
PER_CLIENT_AND_SECTION = 10
REPORTS_PER_CLIENT = 20


def wait_to_write(*, client: str, section_id: str) -> float:
    """Count an attempt; returns 0, or the seconds to wait when it is refused. `client`: an IP's prefix."""
    return throttle.attempt(
        action="comment-write",
        who=client,
        times=PER_CLIENT,
        within=MINUTES,
        about=section_id,
        times_about=PER_CLIENT_AND_SECTION,
    )


def wait_to_report(*, client: str) -> float:
    return throttle.attempt(action="comment-report", who=client, times=REPORTS_PER_CLIENT, within=MINUTES)

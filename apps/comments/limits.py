"""How much one connection may write and report; counted the same whichever face it comes through."""

from datetime import timedelta

from apps.common import throttle

MINUTES = timedelta(minutes=10)
PER_CLIENT = 30
PER_CLIENT_AND_SECTION = 10
REPORTS_PER_CLIENT = 20


def wait_to_write(*, client: str, section_id: str) -> float:
    """Count an attempt of an address prefix; seconds until the next one may come, 0 when this one may."""
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

"""When machines for development are up: hours of days of the week, in a time zone, without French public holidays."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
from django.utils.translation import gettext as _

from apps.operations.errors import OperationFailed

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WRITTEN = re.compile(r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))? (?P<up>\d\d:\d\d)-(?P<down>\d\d:\d\d)")


@dataclass(frozen=True)
class Timetable:
    """Up from `up` until `down`, local time of `zone`, on these days of the week (0 is Monday)."""

    days: frozenset[int]
    up: time
    down: time
    zone: ZoneInfo

    def is_up(self, moment: datetime) -> bool:
        local = moment.astimezone(self.zone)
        return self.works_on(local.date()) and self.up <= local.time() < self.down

    def works_on(self, day: date) -> bool:
        """Public holidays as art. L3133-1 code du travail lists them; bridging days are days like others."""
        return day.weekday() in self.days and day not in _public_holidays()


def read_timetable(written: str, zone: str) -> Timetable:
    """`mon-fri 08:00-20:00` as the environment writes it. Raises OperationFailed."""
    found = _WRITTEN.fullmatch(written.strip().lower())
    try:
        if found is None:
            raise ValueError(written)
        first, last = DAYS.index(found["first"]), DAYS.index(found["last"] or found["first"])
        up, down = time.fromisoformat(found["up"]), time.fromisoformat(found["down"])
        if first > last or up >= down:
            raise ValueError(written)
        return Timetable(frozenset(range(first, last + 1)), up, down, zone_of(zone))
    except ValueError as error:
        raise OperationFailed(
            _("L’horaire « %(written)s » n’est pas lisible : écrivez DEV_TIMETABLE comme « mon-fri 08:00-20:00 ».")
            % {"written": written},
            timetable=written,
        ) from error


def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise OperationFailed(
            _("Le fuseau « %(zone)s » est inconnu : écrivez DEV_TIME_ZONE comme « Europe/Paris ».") % {"zone": name},
            zone=name,
        ) from error


def end_of_keep_up(written: str, zone: ZoneInfo) -> datetime:
    """The end of a tag « keep up until »: a moment, or a day which then counts whole. Raises ValueError for anything
    else."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", written):
        return datetime.combine(date.fromisoformat(written) + timedelta(days=1), time(), zone)
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


@cache
def _public_holidays() -> holidays.HolidayBase:
    return holidays.country_holidays("FR")

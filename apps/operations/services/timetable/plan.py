"""When machines for development are up: stretches of hours on days of the week, in a time zone, without French public
holidays."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
from django.utils.translation import gettext as _

from apps.operations.errors import OperationFailed

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_STRETCH = re.compile(r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))? (?P<up>\d\d:\d\d)-(?P<down>\d\d:\d\d)")
_NAMED = re.compile(r"(?:(?P<name>[a-z0-9][a-z0-9_-]*) *= *)?(?P<stretches>[^=]+)")
DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Stretch:
    """Minutes of the day on which it begins, one of `days` (0 is Monday); `down` after `DAY_MINUTES` is in the
    morning after."""

    days: frozenset[int]
    up: int
    down: int

    def is_up(self, local: datetime) -> bool:
        minute = local.hour * 60 + local.minute
        today, yesterday = local.date(), local.date() - timedelta(days=1)
        return (self._begins_on(today) and self.up <= minute < self.down) or (
            self._begins_on(yesterday) and minute < self.down - DAY_MINUTES
        )

    def _begins_on(self, day: date) -> bool:
        """Public holidays as art. L3133-1 code du travail lists them; bridging days are days like others."""
        return day.weekday() in self.days and day not in _public_holidays()


@dataclass(frozen=True)
class Timetable:
    """Up in any of its stretches, local time of `zone`."""

    stretches: tuple[Stretch, ...]
    zone: ZoneInfo

    def is_up(self, moment: datetime) -> bool:
        local = moment.astimezone(self.zone)
        return any(stretch.is_up(local) for stretch in self.stretches)


def read_timetables(written: str, zone: str) -> dict[str, Timetable]:
    """By name, that without a name under the empty one, as the environment writes them:
    `mon-fri 08:00-12:30, mon-fri 14:00-20:00; batch=sun-thu 22:00-06:00`. Raises OperationFailed."""
    found: dict[str, Timetable] = {}
    for part in filter(None, (part.strip() for part in written.lower().split(";"))):
        named = _NAMED.fullmatch(part)
        name = (named["name"] or "") if named else ""
        if named is None or name in found:
            raise _unreadable(part)
        stretches = tuple(_stretch(each.strip()) for each in named["stretches"].split(","))
        found[name] = Timetable(stretches, zone_of(zone))
    return found


def _stretch(written: str) -> Stretch:
    found = _STRETCH.fullmatch(written)
    try:
        if found is None:
            raise ValueError(written)
        first, last = DAYS.index(found["first"]), DAYS.index(found["last"] or found["first"])
        up, down = _minute(found["up"]), _minute(found["down"])
        if up in {down, DAY_MINUTES}:
            raise ValueError(written)
    except ValueError as error:
        raise _unreadable(written) from error
    days = frozenset((first + day) % 7 for day in range((last - first) % 7 + 1))
    return Stretch(days, up, down if up < down else down + DAY_MINUTES)


def _minute(written: str) -> int:
    """24:00 is midnight at the end of the day."""
    if written == "24:00":
        return DAY_MINUTES
    found = time.fromisoformat(written)
    return found.hour * 60 + found.minute


def _unreadable(written: str) -> OperationFailed:
    text = _(
        "L’horaire « %(written)s » n’est pas lisible : écrivez DEV_TIMETABLE comme « mon-fri 08:00-20:00 », avec une "
        "virgule entre deux plages, et un point-virgule avant un autre horaire, comme « nuit=sun-thu 22:00-06:00 »."
    )
    return OperationFailed(text % {"written": written}, timetable=written)


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

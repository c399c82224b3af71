"""Opening hours and closures, as people type them and as they are stored."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from django.utils.translation import gettext as _

LONGEST_CLOSURE = 366
_SPAN = re.compile(r"(\d{1,2})\s*(?:h|:)?\s*(\d{2})?\s*(?:-|–|à)\s*(\d{1,2})\s*(?:h|:)?\s*(\d{2})?\s*h?")
_DATE = r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})"
_CLOSURE = re.compile(rf"{_DATE}(?:\s*(?:-|–|au)\s*{_DATE})?\s*(.*)")

Span = tuple[time, time]


@dataclass(frozen=True, slots=True)
class Closure:
    """Days on which the shop is closed, both included."""

    first_date: date
    last_date: date
    reason: str

    def covers(self, day: date) -> bool:
        return self.first_date <= day <= self.last_date


def parse_day(text: str) -> list[list[str]]:
    """« 9h-12h30, 14:00–19:00 » → [["09:00", "12:30"], ["14:00", "19:00"]]; nothing for a day off.

    Raises ValueError with the sentence for the person who typed it.
    """
    spans: list[list[str]] = []
    for part in filter(None, (part.strip() for part in re.split(r"[,;/]| et ", text))):
        found = _SPAN.fullmatch(part)
        if found is None:
            raise ValueError(_("Écrivez les heures ainsi : 9h-12h30, 14h-19h."))
        try:
            begin, end = (time(int(found[at]), int(found[at + 1] or 0)) for at in (1, 3))
        except ValueError:
            raise ValueError(_("« %(part)s » : cette heure n’existe pas.") % {"part": part}) from None
        if begin >= end or (spans and f"{begin:%H:%M}" < spans[-1][1]):
            raise ValueError(
                _("« %(part)s » : chaque plage finit après son début, et commence après la précédente.")
                % {"part": part}
            )
        spans.append([f"{begin:%H:%M}", f"{end:%H:%M}"])
    return spans


def spans_of(stored: Sequence[Sequence[str]]) -> tuple[Span, ...]:
    return tuple((time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in stored)


def format_day(spans: Sequence[Span]) -> str:
    """As it is typed and displayed: « 9h-12h30, 14h-19h »."""
    return ", ".join(f"{_hour(begin)}-{_hour(end)}" for begin, end in spans)


def _hour(at: time) -> str:
    return f"{at.hour}h{at:%M}" if at.minute else f"{at.hour}h"


def parse_closures(text: str) -> list[list[str]]:
    """One closure a line, « 24/12/2026 au 02/01/2027 Congés » or « 01/05/2027 ». Raises ValueError with a sentence."""
    closures = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        found = _CLOSURE.fullmatch(line)
        if found is None:
            raise ValueError(_("« %(line)s » : écrivez 24/12/2026 au 02/01/2027 Congés.") % {"line": line})
        try:
            first = _date(found, 1)
            last = _date(found, 4) if found[4] else first
        except ValueError:
            raise ValueError(_("« %(line)s » : cette date n’existe pas.") % {"line": line}) from None
        if (last - first).days > LONGEST_CLOSURE:
            raise ValueError(_("« %(line)s » : une fermeture dure un an au plus.") % {"line": line})
        if last < first:
            raise ValueError(_("« %(line)s » : la fin précède le début.") % {"line": line})
        closures.append([first.isoformat(), last.isoformat(), found[7].strip()[:80]])
    return sorted(closures)


def _date(found: re.Match[str], at: int) -> date:
    return date(int(found[at + 2]), int(found[at + 1]), int(found[at]))


def closures_of(stored: Sequence[Sequence[str]]) -> tuple[Closure, ...]:
    return tuple(Closure(date.fromisoformat(first), date.fromisoformat(last), reason) for first, last, reason in stored)


def format_closures(closures: Sequence[Closure]) -> str:
    """One closure a line, as `parse_closures` reads it."""
    lines = []
    for each in closures:
        days = f"{each.first_date:%d/%m/%Y}"
        if each.last_date != each.first_date:
            days += f" au {each.last_date:%d/%m/%Y}"
        lines.append(f"{days} {each.reason}".strip())
    return "\n".join(lines)

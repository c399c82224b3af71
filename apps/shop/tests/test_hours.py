from datetime import date, time

import pytest

from apps.shop.hours import Closure, closures_of, format_closures, format_day, parse_closures, parse_day, spans_of


@pytest.mark.parametrize(
    "typed", ["9h-12h30, 14h-19h", "9:00–12:30 / 14:00 – 19:00", "09h00 à 12h30 et 14h à 19h", "9-12h30;14-19"]
)
def test_hours_are_read_as_people_write_them(typed):
    stored = parse_day(typed)
    assert stored == [["09:00", "12:30"], ["14:00", "19:00"]]
    assert format_day(spans_of(stored)) == "9h-12h30, 14h-19h"
    assert parse_day(format_day(spans_of(stored))) == stored


def test_a_day_without_hours_is_closed():
    assert parse_day("  ") == []


@pytest.mark.parametrize("typed", ["le matin", "25h-26h", "14h-9h", "9h-12h, 11h-14h", "9h", "9h-9h", "9h60-10h"])
def test_hours_that_cannot_be_are_refused_with_a_sentence(typed):
    with pytest.raises(ValueError, match=r"\.$"):
        parse_day(typed)


def test_closures_are_one_a_line():
    typed = "24/12/2026 au 02/01/2027 Congés de fin d’année\n\n1/5/2026"
    stored = parse_closures(typed)
    assert closures_of(stored) == (
        Closure(date(2026, 5, 1), date(2026, 5, 1), ""),
        Closure(date(2026, 12, 24), date(2027, 1, 2), "Congés de fin d’année"),
    )
    assert parse_closures(format_closures(closures_of(stored))) == stored
    assert closures_of(stored)[1].covers(date(2027, 1, 2))
    assert not closures_of(stored)[1].covers(date(2027, 1, 3))


@pytest.mark.parametrize("typed", ["en août", "31/02/2026", "02/01/2027 au 24/12/2026", "1/1/2027 au 31/12/9999"])
def test_closures_that_cannot_be_are_refused_with_a_sentence(typed):
    with pytest.raises(ValueError, match=r"\.$"):
        parse_closures(typed)


def test_spans_are_times():
    assert spans_of([["09:00", "12:30"]]) == ((time(9), time(12, 30)),)

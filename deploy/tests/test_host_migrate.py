"""deploy/host/migrate.py: one instance migrates at a time, and in this order."""

import contextlib

import django.core.management
import pytest
from django.db import connections

from .conftest import HOST, load


class Holder:
    """The connection that holds MySQL's named lock."""

    def __init__(self, events: list[str], answer: tuple) -> None:
        self.vendor = "mysql"
        self.events, self.answer = events, answer

    @contextlib.contextmanager
    def cursor(self):
        yield self

    def execute(self, sql: str, values: list) -> None:
        self.events.append(f"{sql % tuple(values)}")

    def fetchone(self) -> tuple:
        return self.answer

    def close(self) -> None:
        self.events.append("close")


@pytest.fixture
def migrating(monkeypatch):
    """Runs it, and returns what happened, in order."""
    monkeypatch.delenv("DATABASE_USER_SECRET", raising=False)

    def run(answer: tuple = (1,), failing: str = "") -> list[str]:
        events: list[str] = []

        def command(name: str, **options: object) -> None:
            events.append(" ".join([name, *(f"{key}={value}" for key, value in options.items())]))
            if name == failing:
                raise RuntimeError(name)

        monkeypatch.setattr(connections, "create_connection", lambda _name: Holder(events, answer))
        monkeypatch.setattr(django.core.management, "call_command", command)
        with contextlib.suppress(RuntimeError):
            load(HOST / "migrate.py").main()
        return events

    return run


def test_migrates_under_the_lock(migrating, capsys):
    assert migrating() == [
        "SELECT GET_LOCK(webmarket-migrate, 900)",
        "migrate interactive=False",
        "repair_search",
        "sync_groups",
        "collectstatic interactive=False verbosity=0",
        "close",
    ]
    assert capsys.readouterr().out == "migrated\n"


def test_gives_the_lock_back_when_a_migration_fails(migrating, capsys):
    assert migrating(failing="migrate")[-2:] == ["migrate interactive=False", "close"]
    assert capsys.readouterr().out == ""


def test_migrates_nothing_while_another_does(migrating):
    events: list[str] = []
    with pytest.raises(SystemExit, match="holds the lock for longer than 900 s"):
        events = migrating(answer=(0,))
    assert events == []

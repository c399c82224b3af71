"""The definition of an operation: name, options, time limit and function."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.functional import Promise


@dataclass(frozen=True)
class Outcome:
    """The result of an operation, as a sentence and as data for programs. `ok` false: it found what it looks for.
    `is_idle`: there was nothing to do, and a planned run of it leaves no row."""

    message: str
    data: dict[str, Any] = field(default_factory=dict)
    ok: bool = True
    is_idle: bool = False


class Options(forms.Form):
    """An operation's options: arguments of its command, fields of its page, parameters of its task."""

    # Positional arguments of the command.
    positional: tuple[str, ...] = ()
    # Those that a page of the admin does not offer: they name files of the machine where the command runs.
    only_in_terminal: tuple[str, ...] = ()

    @classmethod
    def filled(cls, given: dict[str, Any]) -> dict[str, Any]:
        """The given options, with defaults for the others."""
        defaults = {name: field.initial for name, field in cls.base_fields.items() if field.initial is not None}
        return {**defaults, **given}

    @classmethod
    def recordable(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Options as stored in the run's row: without secrets."""
        return given

    def clean_in_page(self) -> None:
        """Adds errors for what only a terminal may ask for; called once the fields are clean."""


@dataclass(frozen=True)
class Operation:
    """`run(*, dry_run, report, now, **options)` does it and returns an Outcome; it raises DomainError to refuse."""

    name: str
    title: str | Promise
    about: str | Promise
    run: Callable[..., Outcome]
    options: type[Options] = Options
    time_limit: timedelta = timedelta(minutes=10)
    # At a terminal a person watches, and no message's visibility timeout runs.
    terminal_time_limit: timedelta | None = None
    # For recovery: without the shop's database it runs without a row.
    runs_without_database: bool = False


OPERATIONS: dict[str, Operation] = {}


def register(operation: Operation) -> Operation:
    OPERATIONS[operation.name] = operation
    return operation

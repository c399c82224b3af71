"""Every task that only the timetable starts is on it; a missing one would not be noticed."""

import inspect

from celery import current_app

from webmarket.schedule import SCHEDULE

# An operation has a page and a command too; tests have tasks of their own.
OTHERS = ("celery.", "operations.", "operations_tests.", "proof.", "tests.")


def ours() -> dict[str, object]:
    current_app.loader.import_default_modules()
    return {name: task for name, task in current_app.tasks.items() if not name.startswith(OTHERS)}


def needs(task) -> list[str]:
    """A task's required arguments."""
    parameters = inspect.signature(task.run).parameters.values()
    return [each.name for each in parameters if each.default is each.empty and each.kind is not each.VAR_KEYWORD]


def test_each_task_that_needs_nothing_is_planned():
    planned = {entry["task"] for entry in SCHEDULE.values()}
    left_out = {name for name, task in ours().items() if not needs(task)}
    assert left_out - planned == set()


def test_each_planned_task_exists():
    current_app.loader.import_default_modules()
    assert {entry["task"] for entry in SCHEDULE.values()} <= set(current_app.tasks)

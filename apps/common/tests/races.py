"""Runs functions in concurrent threads, each with its own database connection, like requests on several workers."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection


def race(*runners: Callable[[], Any]) -> list[Any]:
    """Start all functions together; what each returned, or the exception it raised, in the order given."""
    start = threading.Barrier(len(runners))
    results: list[Any] = [None] * len(runners)

    def run(index: int, runner: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            results[index] = runner()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index, runner)) for index, runner in enumerate(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return results


def of_kind(results: Sequence[Any], kind: type) -> list[Any]:
    return [result for result in results if isinstance(result, kind)]


@contextmanager
def meanwhile(act: Callable[[], Any], *, after: str) -> Iterator[None]:
    """Runs `act` once, right after the first query that contains `after`, as if another worker had been quicker.

    The moment of a race, at will and on either database; on a real server `race` proves that locks hold as well.
    """
    done = False

    def wrapper(execute, sql, params, many, context):
        nonlocal done
        result = execute(sql, params, many, context)
        if not done and after in sql:
            done = True
            # On a real cursor the rows of `result` wait to be fetched; other cursors may be used meanwhile.
            act()
        return result

    with connection.execute_wrapper(wrapper):
        yield
    assert done, f"no query contained {after!r}"

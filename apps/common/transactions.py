"""What a database does to transactions that meet each other."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

P = ParamSpec("P")
R = TypeVar("R")

# MySQL: ER_LOCK_DEADLOCK. The whole transaction was rolled back, so that running it again is safe.
DEADLOCK = 1213
ATTEMPTS = 4


def survives_deadlock(service: Callable[P, R]) -> Callable[P, R]:
    """Runs an outermost, network-free service again when MySQL chose its transaction as a deadlock's victim.

    Rows are locked in one order so that this stays rare; foreign keys lock parents in an order of their own.
    """

    @wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return service(*args, **kwargs)
            except OperationalError as error:
                nested = connection.in_atomic_block
                if nested or attempt == ATTEMPTS or not error.args or error.args[0] != DEADLOCK:
                    raise
        raise AssertionError

    return run

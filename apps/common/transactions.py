"""Retries on deadlock and on lock timeout."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

P = ParamSpec("P")
R = TypeVar("R")

# ER_LOCK_WAIT_TIMEOUT and ER_LOCK_DEADLOCK. A deadlock has rolled back the whole transaction, a timeout its statement
# alone; the service's own atomic block rolls back the rest, so that running it again is safe after both.
# https://dev.mysql.com/doc/refman/8.4/en/innodb-error-handling.html
RETRIED = {1205, 1213}
# Four times `innodb_lock_wait_timeout` (settings.py) is less than gunicorn's timeout.
ATTEMPTS = 4


def retry_on_deadlock(service: Callable[P, R]) -> Callable[P, R]:
    """Decorator: run a service again after a deadlock or lock timeout. It must open its transaction, without network.

    Deadlocks are rare, because rows are locked in primary-key order; but foreign keys lock parent rows too. Inside
    another transaction, and after the last attempt, OperationalError is raised.
    """

    @wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return service(*args, **kwargs)
            except OperationalError as error:
                nested = connection.in_atomic_block
                if nested or attempt == ATTEMPTS or not error.args or error.args[0] not in RETRIED:
                    raise
        raise AssertionError

    return run

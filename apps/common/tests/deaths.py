"""A process that dies between two writes to the database."""

from django.db import connection


class Death(BaseException):
    """Not an Exception, so that nothing catches it and goes on."""


def dies_before_write(number):
    """A wrapper of the connection under which the process dies before its `number`-th write (from 0)."""
    written = 0

    def wrapper(execute, sql, params, many, context):
        nonlocal written
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            if written == number:
                raise Death
            written += 1
        return execute(sql, params, many, context)

    return connection.execute_wrapper(wrapper)

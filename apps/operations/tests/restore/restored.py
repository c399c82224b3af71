"""A command's row, and a look into the database that it restored."""

from contextlib import closing, contextmanager, suppress
from io import StringIO

from django.core.management import call_command
from django.db import connection, connections

from apps.operations.models import OperationRun
from apps.operations.services.backup import leftovers
from apps.operations.services.backup.destination import destination
from apps.operations.services.backup.loading import run, text
from apps.operations.services.backup.target import connect, connect_sqlite, connected, mysql_settings, raw_connection

State = OperationRun.State


def manage(*arguments: str) -> OperationRun:
    """The row that the command leaves, however it ends."""
    with suppress(SystemExit):
        call_command(*arguments, stdout=StringIO(), stderr=StringIO())
    return OperationRun.objects.latest("pk")


@contextmanager
def server():
    with closing(connections["default"].copy("server")) as other:
        parameters = {**other.get_connection_params()}
        for name in ("database", "isolation_level"):
            parameters.pop(name, None)
        with raw_connection(parameters) as raw:
            yield raw


def url_of(name: str) -> str:
    """As DATABASE_URL writes it, with the password if there is one."""
    shop = connection.settings_dict
    password = f":{shop['PASSWORD']}" if shop["PASSWORD"] else ""
    return f"mysql://{shop['USER']}{password}@{shop['HOST']}:{shop['PORT']}/{name}"


@contextmanager
def opened(target: str):
    """The restored database, under ALIAS."""
    where = destination(target)
    if where.path:
        connect_sqlite(where.path)
    else:
        connect(mysql_settings(where.mysql, where.mysql["NAME"]))
    with connected():
        yield


def is_there(target: str) -> bool:
    where = destination(target)
    if where.path:
        return where.path.exists()
    with server() as raw:
        return bool(run(raw, f"SHOW DATABASES LIKE '{where.mysql['NAME']}'"))


def databases() -> set[str]:
    if connection.vendor == "sqlite":
        return set()
    with server() as raw:
        names = {text(name) for (name,) in run(raw, "SHOW DATABASES")}
        return {name for name in names if name.startswith(leftovers.PREFIX)}

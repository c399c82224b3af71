"""Two real MySQL servers, the second a replica of the first by GTID, on this machine and for one proof."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from typing import Any

import MySQLdb
from django.conf import settings

LOCAL = settings.BASE_DIR / "deploy" / "local"
# Small: both together take less than one of a shop.
OPTIONS = (
    "--gtid-mode=ON",
    "--enforce-gtid-consistency=ON",
    "--innodb-buffer-pool-size=64M",
    "--sync-binlog=0",
    "--relay-log-recovery=ON",
)


def _command() -> Any:
    """deploy/local/mysql, which has no ending, as a module."""
    sys.path.insert(0, str(LOCAL))
    try:
        loader = SourceFileLoader("local_mysql", str(LOCAL / "mysql"))
        spec = spec_from_loader(loader.name, loader)
        assert spec
        module = module_from_spec(spec)
        loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(LOCAL))


mysql = _command()


class Member(mysql.Server):
    """A server with data of its own, of the program that the machine has or that was unpacked."""

    def __init__(self, number: int, *options: str) -> None:
        every = (f"--server-id={number}", f"--log-bin=binlog{number}", *OPTIONS, *options)
        super().__init__(mysql.folder(), name=f"pair-{os.getpid()}-{number}", options=every)

    def do(self, statement: str) -> list[dict[str, Any]]:
        with self.connected() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    @contextmanager
    def connected(self) -> Iterator[Any]:
        connection = MySQLdb.connect(host="127.0.0.1", port=self.port, user="root", db="webmarket", autocommit=True)
        try:
            yield connection.cursor(MySQLdb.cursors.DictCursor)
        finally:
            connection.close()

    def only_here(self, statement: str) -> None:
        """A change that is not replicated, so that answers say which server they come from."""
        with self.connected() as cursor:
            cursor.execute("SET SESSION sql_log_bin = 0")
            cursor.execute(statement)

    def freeze(self) -> None:
        os.kill(self._running(), signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self._running(), signal.SIGCONT)

    def kill(self) -> None:
        pid = self._running()
        os.kill(pid, signal.SIGKILL)
        # Until it is reaped, its lock on the data holds off the next one.
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)

    def _running(self) -> int:
        pid = self.pid
        assert pid, "the server does not run"
        return int(pid)


def follow(replica: Member, primary: Member) -> None:
    replica.do(
        "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_USER = 'root', SOURCE_AUTO_POSITION = 1,"
        f" GET_SOURCE_PUBLIC_KEY = 1, SOURCE_CONNECT_RETRY = 1, SOURCE_PORT = {primary.port}"
    )
    replica.do("START REPLICA")


@contextmanager
def pair() -> Iterator[tuple[Member, Member]]:
    primary, replica = Member(1), Member(2, "--replica-net-timeout=5")
    try:
        for member in (primary, replica):
            member.start(fast=True)
        follow(replica, primary)
        yield primary, replica
    finally:
        for member in (primary, replica):
            member.remove()

import itertools
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from webmarket.tests.proofs.mysql_pair import Member
from webmarket.tests.proofs.recovery.shop import Shop, environment

PRODUCTS = int(os.environ.get("PRODUCTS", "400"))
ORDERS = int(os.environ.get("ORDERS", "300"))
# Those of mysql_pair, which may run beside these, begin at 1.
_numbers = itertools.count(11)


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Iterator[Path]:
    """The data of a stopped server with a shop in it, to be copied: filling one takes a minute."""
    member = Member(next(_numbers))
    try:
        member.start(fast=True)
        Shop(tmp_path_factory.mktemp("filled"), environment(member.url)).fill(products=PRODUCTS, orders=ORDERS)
        member.stop()
        yield member.machine().data
    finally:
        member.remove()


@pytest.fixture
def make_server(request) -> Iterator[Callable[..., Member]]:
    """`make_server()` starts an empty MySQL server, `make_server(is_filled=True)` one with the shop."""
    started: list[Member] = []

    def make(*options: str, is_filled: bool = False) -> Member:
        member = Member(next(_numbers), "--replica-net-timeout=5", *options)
        started.append(member)
        if is_filled:
            data = member.machine().data
            filled = request.getfixturevalue("filled")
            subprocess.run(["/bin/cp", "-a", str(filled), str(data)], check=True)
            # Its UUID: a server that follows another is not that one.
            (data / "auto.cnf").unlink()
        member.start(fast=True)
        return member

    yield make
    for member in started:
        member.remove()


@pytest.fixture
def server(make_server) -> Member:
    return make_server(is_filled=True)


@pytest.fixture
def shop(server, tmp_path, aws) -> Shop:
    """On that server, with backups in a folder; what it asks of AWS is answered by moto."""
    more = {"BACKUP_FOLDER": str(tmp_path / "backups"), "BACKUP_SIGNING_KEY": str(new_key(tmp_path / "key.pem"))}
    return Shop(tmp_path, environment(server.url, **more))


def new_key(path: Path) -> Path:
    command = ["/usr/bin/env", "openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(path)]
    subprocess.run(command, check=True)
    return path

"""Where a backup may be restored to, and what is shown of its address."""

import json
from contextlib import suppress
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, connections

from apps.operations.models import OperationRun
from apps.operations.services.backup.destination import destination, is_the_shops, without_password
from apps.operations.tests.restore.restored import State, manage


class TestTheShopsOwn:
    @pytest.mark.mysql
    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "0.0.0.0", "[::ffff:127.0.0.1]"])  # noqa: S104
    @pytest.mark.parametrize("upper", [False, True])
    def test_under_another_spelling_of_its_host_it_is_refused(self, backup, host, upper):
        shop = connection.settings_dict
        name = shop["NAME"].upper() if upper else shop["NAME"]
        run = manage("restore", "--into", f"mysql://{shop['USER']}:@{host}:{shop['PORT']}/{name}")
        assert run.state == State.FAILED
        assert run.result["code"] == "bad_destination"
        assert "la base de la boutique elle-même" in run.message

    @pytest.mark.mysql
    def test_by_another_port_that_leads_to_it_it_is_refused(self, backup, forwarded_port):
        shop = connection.settings_dict
        target = destination(f"mysql://{shop['USER']}:@127.0.0.1:{forwarded_port}/{shop['NAME']}")
        assert is_the_shops(target)

    @pytest.mark.either_database  # its own is a file on SQLite alone
    def test_a_file_that_is_it_by_another_path_is_refused(self, db, tmp_path, monkeypatch):
        shop = tmp_path / "shop.sqlite3"
        shop.touch()
        monkeypatch.setitem(connections["default"].settings_dict, "NAME", str(shop))
        (tmp_path / "link.sqlite3").symlink_to(shop)
        (tmp_path / "twin.sqlite3").hardlink_to(shop)
        (tmp_path / "below").mkdir()
        monkeypatch.chdir(tmp_path)
        whole = [f"/{tmp_path}/{name}" for name in ("shop.sqlite3", "link.sqlite3", "twin.sqlite3")]
        for path in (*whole, "shop.sqlite3", "below/../shop.sqlite3"):
            assert is_the_shops(destination(f"sqlite:///{path}")), path
        assert not is_the_shops(destination(f"sqlite:///{tmp_path}/other.sqlite3"))


@pytest.fixture
def forwarded_port():
    """A port of this machine behind which the shop's server stands."""
    import socket
    import threading

    listening = socket.create_server(("127.0.0.1", 0))
    shop = connection.settings_dict

    def pass_on(one, other):
        with suppress(OSError):
            while content := one.recv(65536):
                other.sendall(content)
        with suppress(OSError):
            other.shutdown(socket.SHUT_WR)

    def serve():
        with suppress(OSError):
            while True:
                near, _peer = listening.accept()
                far = socket.create_connection((shop["HOST"], int(shop["PORT"])))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=pass_on, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield listening.getsockname()[1]
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()


SECRET = "s3cr/t@#?x"


@pytest.mark.parametrize(
    ("url", "redacted"),
    [
        ("mysql://root:secret@db.example:3306/shop", "mysql://root:***@db.example:3306/shop"),
        (f"mysql://root:{SECRET}@db.example/shop", "mysql://root:***@db.example/shop"),
        ("mysql://root:sec%40ret@[::1]:3306/shop?ssl=1", "mysql://root:***@[::1]:3306/shop"),
        ("mysql://:secret@db.example/shop", "mysql://:***@db.example/shop"),
        ("mysql://root:secret", "mysql://…"),
        ("mysql://root:secret/shop", "mysql://…"),
        ("mysql://root@db.example:3306/shop", "mysql://root@db.example:3306/shop"),
        ("mysql://db.example:3306/shop", "mysql://db.example:3306/shop"),
        ("sqlite:////srv/shop.sqlite3", "sqlite:////srv/shop.sqlite3"),
    ],
)
def test_a_url_is_redacted(url, redacted):
    assert without_password(url) == redacted


@pytest.mark.parametrize("where", ["@127.0.0.1:1/restored", "@127.0.0.1:port/restored", "@127.0.0.1:1/mysql", ""])
@pytest.mark.parametrize(("scheme", "arguments"), [("mysql", []), ("mysql", ["--json"]), ("mysq", ["--dry-run"])])
def test_a_password_is_neither_printed_nor_kept(db, folder, scheme, where, arguments, capfd, caplog, recwarn):
    caplog.set_level("DEBUG")
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("restore", "--into", f"{scheme}://root:{SECRET}{where}", *arguments, stdout=out, stderr=err)
    assert ended.value.code == 1
    row = OperationRun.objects.get()
    assert row.message
    output = [out.getvalue(), err.getvalue(), *capfd.readouterr(), caplog.text, row.message, row.log]
    output += [str(warning.message) for warning in recwarn]
    for place in (*output, json.dumps(row.options), json.dumps(row.result)):
        assert "s3cr" not in place


@pytest.mark.parametrize(
    "url",
    [
        "postgres://u:p@h/x",
        "mysql://u:p@h:3306/",
        "mysql://u:p@/x",
        "sqlite://",
        "sqlite://:memory:",
        "rubbish",
        "mysql://h/a`b",
    ],
)
def test_an_address_that_is_none_is_said_with_an_example(db, folder, url):
    run = manage("restore", "--into", url)
    assert (run.state, run.result["code"]) == (State.FAILED, "bad_destination")


def test_another_server_is_not_sent_our_password(db, folder):
    run = manage("restore", "--into", "mysql://203.0.113.9:3306/restored")
    assert run.result["code"] == "bad_destination"
    assert "RESTORE_DATABASE_URL" in run.message

"""`restore` puts a backup into a database that stays."""

import hashlib
import json
import os
import secrets
import signal
import subprocess
import sys
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, connections
from django.urls import reverse
from django.utils import timezone

from apps.catalogue.models import Variant
from apps.catalogue.tests.factories import VariantFactory
from apps.operations.models import OperationRun
from apps.operations.operations import OPERATIONS
from apps.operations.runs.report import Reporter
from apps.operations.runs.run import Starter, run_operation
from apps.operations.services.backup import leftovers
from apps.operations.services.backup import manifest as manifests
from apps.operations.services.backup.destination import destination, is_the_shops, without_password
from apps.operations.services.backup.dump import dump
from apps.operations.services.backup.invariants import instead_of_the_shops
from apps.operations.services.backup.leftovers import lock_name
from apps.operations.services.backup.loading import MARKER, load, run, text
from apps.operations.services.backup.source import contents
from apps.operations.services.backup.store import Folder
from apps.operations.services.backup.target import (
    ALIAS,
    connect,
    connect_sqlite,
    connected,
    mysql_settings,
    raw_connection,
)

State = OperationRun.State
mysql = pytest.mark.mysql


def manage(*arguments: str) -> OperationRun:
    """The row that the command leaves, however it ends."""
    with suppress(SystemExit):
        call_command(*arguments, stdout=StringIO(), stderr=StringIO())
    return OperationRun.objects.latest("pk")


@pytest.fixture
def folder(settings, tmp_path) -> Folder:
    settings.OPERATIONS = {
        **settings.OPERATIONS,
        "backup_folder": tmp_path / "backups",
        "backup_bucket": "",
        "database_instance": "",
        "restore_url": "",
    }
    return Folder(tmp_path / "backups")


@pytest.fixture
def backup(transactional_db, folder) -> manifests.Manifest:
    for number, name in enumerate(["Thé « Été »", "日本茶 🍵", "O'Neill \\ 100 %"]):
        VariantFactory(product__name_fr=name, price=Decimal("12.30") + number)
    run = manage("backup_manager", "--logical")
    assert run.state == State.SUCCEEDED, run.message
    return manifests.read(folder, manifests.finished(folder)[0])


@contextmanager
def server():
    with closing(connections["default"].copy("server")) as other:
        parameters = {**other.get_connection_params()}
        for name in ("database", "isolation_level"):
            parameters.pop(name, None)
        with raw_connection(parameters) as raw:
            yield raw


def address(name: str) -> str:
    """As DATABASE_URL writes it, with the password if there is one."""
    shop = connection.settings_dict
    password = f":{shop['PASSWORD']}" if shop["PASSWORD"] else ""
    return f"mysql://{shop['USER']}{password}@{shop['HOST']}:{shop['PORT']}/{name}"


@pytest.fixture
def target(transactional_db, tmp_path):
    """Where nothing is yet."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'restored.sqlite3'}"
        return
    name = f"{connection.settings_dict['NAME']}_{secrets.token_hex(3)}"
    yield address(name)
    with server() as raw:
        run(raw, f"DROP DATABASE IF EXISTS `{name}`")


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


class TestInto:
    def test_everything_is_there_and_stays(self, backup, target):
        made = manage("restore", "--into", target)
        assert made.state == State.SUCCEEDED, made.message
        assert made.result["backup"] == backup.prefix
        assert made.result["content_checked"] is True
        assert made.result["migrations_run"] == []
        assert made.result["faults"] == 0
        assert "DATABASE_URL" in made.message
        with opened(target):
            assert contents(ALIAS) == backup.contents
            names = set(Variant.objects.using(ALIAS).values_list("product__name_fr", flat=True))
        assert names == set(Variant.objects.values_list("product__name_fr", flat=True))

    def test_a_dry_run_says_what_would_be_done_and_makes_nothing(self, backup, target):
        trial = manage("restore", "--into", target, "--dry-run")
        assert trial.state == State.SUCCEEDED, trial.message
        assert "serait créée" in trial.message
        assert trial.result["pending_migrations"] == []
        assert not is_there(target)

    def test_a_database_that_holds_something_is_not_touched(self, backup, target):
        assert manage("restore", "--into", target).state == State.SUCCEEDED
        with opened(target), connections[ALIAS].cursor() as cursor:
            cursor.execute("UPDATE catalogue_variant SET sku = LOWER(sku)")
        for arguments in (["--dry-run"], []):
            again = manage("restore", "--into", target, *arguments)
            assert again.state == State.FAILED
            assert "pas vide" in again.message
        with opened(target):
            assert all(sku == sku.lower() for sku in Variant.objects.using(ALIAS).values_list("sku", flat=True))

    def test_a_content_that_is_not_the_one_that_was_backed_up_is_said(self, backup, folder, target):
        held = backup.contents["catalogue_variant"]
        backup.contents["catalogue_variant"] = replace(held, hash="0" * 64)
        manifests.write(folder, backup)
        made = manage("restore", "--into", target)
        assert made.state == State.FAILED
        assert "catalogue_variant n’a pas le contenu" in made.message
        assert is_there(target)
        assert "catalogue_variant n’a pas le contenu" in manage("restore_check").message

    def test_a_backup_of_an_earlier_release_has_no_hashes_and_is_restored(self, backup, folder, target):
        self.as_an_earlier_release_wrote_it(folder, backup)
        for command in (["restore", "--into", target], ["restore_check"]):
            made = manage(*command)
            assert made.state == State.SUCCEEDED, made.message
            assert made.result["content_checked"] is False
            assert "sans empreintes" in made.log

    def as_an_earlier_release_wrote_it(self, folder, backup) -> None:
        raw = json.loads(folder.get(f"{backup.prefix}manifest.json"))
        for name in ("contents", "extras"):
            del raw[name]
        content = json.dumps({**raw, "format": 1}).encode()
        folder.put(f"{backup.prefix}manifest.json", content)
        folder.put(f"{backup.prefix}manifest.sha256", hashlib.sha256(content).hexdigest().encode())

    def test_a_backup_of_an_older_schema_is_migrated_forward(self, backup, folder, target):
        before = older_backup(folder, target)
        for command in (["restore_check"], ["restore", "--into", f"{target}2"]):
            try:
                made = manage(*command)
                assert made.state == State.SUCCEEDED, made.message
                assert made.result["backup"] == before.prefix
                assert made.result["content_checked"] is True
                assert "payments.0004" in " ".join(made.result["migrations_run"])
                assert "payments.0004" in made.log
            finally:
                if connection.vendor == "mysql":
                    with server() as raw:
                        run(raw, f"DROP DATABASE IF EXISTS `{destination(target).mysql['NAME']}2`")

    def test_a_backup_of_a_newer_release_is_refused_before_anything_is_made(self, backup, folder, target):
        backup.migrations.append("orders.9999_of_tomorrow")
        manifests.write(folder, backup)
        made = manage("restore", "--into", target)
        assert made.state == State.FAILED
        assert "orders.9999_of_tomorrow" in made.message
        assert not is_there(target)

    def test_the_other_databases_backup_is_refused_in_a_sentence(self, backup, tmp_path):
        other = "mysql://somebody:secret@127.0.0.1:1/x" if connection.vendor == "sqlite" else f"sqlite:///{tmp_path}/x"
        made = manage("restore", "--into", other)
        assert made.state == State.FAILED
        assert "ne se restaure pas dans" in made.message

    def test_a_damaged_backup_makes_no_database(self, backup, folder, target):
        part = max((part for table in backup.tables for part in table.parts), key=lambda part: part.size)
        folder.put(part.key, folder.get(part.key)[:-7])
        made = manage("restore", "--into", target)
        assert made.result["code"] == "backup_damaged"
        assert not is_there(target)


def older_backup(folder: Folder, target: str) -> manifests.Manifest:
    """Of the schema that one migration ago was the latest, made by way of `target`."""
    assert manage("restore", "--into", target).state == State.SUCCEEDED
    with opened(target):
        with instead_of_the_shops(ALIAS):
            call_command("migrate", "payments", "0003", verbosity=0)
        if connection.vendor == "sqlite":
            connections[ALIAS].close()
        with instead_of_the_shops(ALIAS):
            return dump(store=folder, report=Reporter(), now=datetime(2999, 1, 1, tzinfo=UTC))


class TestMySQL:
    pytestmark = mysql

    def test_views_routines_and_triggers_come_back(self, backup, folder, target):
        with connection.cursor() as cursor:
            cursor.execute("CREATE VIEW zz_first AS SELECT id, sku FROM catalogue_variant")
            cursor.execute("CREATE VIEW aa_second AS SELECT sku FROM zz_first")
            cursor.execute(
                "CREATE TRIGGER no_twins BEFORE INSERT ON catalogue_variant FOR EACH ROW SET NEW.sku = UPPER(NEW.sku)"
            )
            cursor.execute("CREATE PROCEDURE count_them() SELECT COUNT(*) FROM catalogue_variant")
            try:
                assert manage("backup_manager", "--logical").state == State.SUCCEEDED
            finally:
                for what in ("VIEW aa_second", "VIEW zz_first", "TRIGGER no_twins", "PROCEDURE count_them"):
                    cursor.execute(f"DROP {what}")
        made = manage("restore", "--into", target)
        assert made.state == State.SUCCEEDED, made.message
        assert "4 recréés sur 4" in made.log
        with opened(target), connections[ALIAS].cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM aa_second")
            assert cursor.fetchone()[0] == Variant.objects.count()
            cursor.execute("SHOW TRIGGERS")
            assert [row[0] for row in cursor.fetchall()] == ["no_twins"]
        assert manage("restore_check").state == State.SUCCEEDED

    def test_ids_of_zero_single_floats_and_odd_values_are_as_they_were(self, backup, target):
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE zz_odd (id bigint AUTO_INCREMENT PRIMARY KEY, f float, d double, n decimal(30, 10), "
                "b varbinary(20), t time(6), x bit(9), words varchar(80), j json)"
            )
            try:
                cursor.execute("SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
                cursor.execute(
                    "INSERT INTO zz_odd VALUES (0, 0.1, 1e-300, -12345678901234567890.0123456789, 0x00FF27, "
                    "'-838:59:58.999999', b'101010101', 'a\\r\\n\\t\\0\\Z%s', '[1.0, -0.0, 12345678901234567890]'), "
                    "(5, 3.4028235e38, -0.0, NULL, '', NULL, NULL, '', NULL), "
                    "(NULL, 16777216, NULL, 0, NULL, 0, 0, NULL, '{}')"
                )
                connection.commit()
                cursor.execute("SET SESSION sql_mode = 'TRADITIONAL'")
                assert manage("backup_manager", "--logical").state == State.SUCCEEDED
                made = manage("restore", "--into", target)
                assert made.state == State.SUCCEEDED, made.message
                cursor.execute("CHECKSUM TABLE zz_odd")
                wanted = cursor.fetchone()[1]
            finally:
                cursor.execute("DROP TABLE zz_odd")
        with opened(target), connections[ALIAS].cursor() as cursor:
            cursor.execute("CHECKSUM TABLE zz_odd")
            assert cursor.fetchone()[1] == wanted
            cursor.execute("SELECT id FROM zz_odd ORDER BY id")
            assert [row[0] for row in cursor.fetchall()] == [0, 5, 6]

    def test_a_restore_that_was_killed_goes_on_where_it_stopped(self, backup, folder, target):
        name = destination(target).mysql["NAME"]
        dying = Dying(folder.folder, after=9)
        with server() as raw:
            run(raw, f"CREATE DATABASE `{name}` CHARACTER SET latin1")
            run(raw, f"USE `{name}`")
            with pytest.raises(ConnectionAbortedError):
                load(server=raw, store=dying, manifest=backup, report=Reporter())
        trial = manage("restore", "--into", target, "--dry-run")
        assert trial.state == State.SUCCEEDED, trial.message
        made = manage("restore", "--into", target)
        assert made.state == State.SUCCEEDED, made.message
        assert "Reprise : 9 morceaux" in made.log.replace("\u202f", " ")
        with opened(target):
            assert contents(ALIAS) == backup.contents
            with connections[ALIAS].cursor() as cursor:
                cursor.execute("SELECT @@collation_database")
                assert cursor.fetchone()[0] == "utf8mb4_0900_ai_ci"
            assert MARKER not in connections[ALIAS].introspection.table_names()

    def test_the_half_of_another_backup_is_not_finished_with_this_one(self, backup, folder, target):
        name = destination(target).mysql["NAME"]
        with server() as raw:
            run(raw, f"CREATE DATABASE `{name}`")
            run(raw, f"USE `{name}`")
            with pytest.raises(ConnectionAbortedError):
                load(server=raw, store=Dying(folder.folder, after=3), manifest=backup, report=Reporter())
        other = dump(store=folder, report=Reporter(), now=datetime(2999, 1, 1, tzinfo=UTC))
        made = manage("restore", "--into", target)
        assert made.state == State.FAILED
        assert f"--backup {backup.prefix}" in made.message
        assert other.prefix not in made.message
        assert manage("restore", "--into", target, "--backup", backup.prefix).state == State.SUCCEEDED

    def test_databases_of_dead_checks_go_and_those_in_use_stay(self, backup):
        dead, used, strange = (f"{leftovers.PREFIX}{name}" for name in ("dead0001", "dead0002", "of_somebody"))
        with server() as living, server() as raw:
            for name in (dead, used, strange):
                run(raw, f"DROP DATABASE IF EXISTS `{name}`")
                run(raw, f"CREATE DATABASE `{name}`")
            run(living, f"SELECT GET_LOCK('{lock_name(used)}', 0)")
            try:
                listed = manage("cleanup")
                assert dead in listed.result["old"]
                assert {used, strange} & set(listed.result["old"]) == set()
                checked = manage("restore_check")
                assert checked.state == State.SUCCEEDED, checked.message
                assert dead in checked.log
                run(raw, f"CREATE DATABASE `{dead}`")
                assert dead in manage("cleanup", "--yes").result["deleted"]
                left = databases()
                assert {used, strange} <= left
                assert dead not in left
            finally:
                for name in (dead, used, strange):
                    run(raw, f"DROP DATABASE IF EXISTS `{name}`")


class Dying(Folder):
    """A store whose process ends after so many pieces."""

    def __init__(self, folder: Path, *, after: int) -> None:
        super().__init__(folder)
        self.left = after

    def get(self, key: str) -> bytes | None:
        if not self.left:
            raise ConnectionAbortedError
        self.left -= 1
        return super().get(key)


class Interrupting:
    """A screen before which somebody presses Ctrl-C, or ends the process, as soon as a line begins so."""

    def __init__(self, text: str, number: int) -> None:
        self.text, self.number = text, number

    def line(self, text: str) -> None:
        self.progress(text)

    def progress(self, text: str) -> None:
        if text.startswith(self.text):
            os.kill(os.getpid(), self.number)


@pytest.mark.parametrize(
    ("number", "moment"),
    [(signal.SIGINT, "Relecture"), (signal.SIGTERM, "loading"), (signal.SIGTERM, "Restaurée en")],
)
def test_a_check_that_is_ended_leaves_its_row_and_nothing_else(backup, number, moment, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    # A shell starts what it puts in the background with Ctrl-C ignored, the tests' own process included.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    before = databases()
    if moment == "loading":
        moment = "Restauration" if connection.vendor == "sqlite" else "catalogue_variant"
    ended = run_operation(
        operation=OPERATIONS["restore_check"],
        options={"backup": backup.prefix},
        starter=Starter(OperationRun.Source.TERMINAL),
        now=timezone.now(),
        screen=Interrupting(moment, number),
    )
    assert (ended.state, ended.result["code"], ended.active_key) == (State.FAILED, "interrupted", None)
    assert signal.Signals(number).name in ended.message
    assert databases() == before
    assert list(tmp_path.glob("webmarket-*")) == []
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def databases() -> set[str]:
    if connection.vendor == "sqlite":
        return set()
    with server() as raw:
        names = {text(name) for (name,) in run(raw, "SHOW DATABASES")}
        return {name for name in names if name.startswith(leftovers.PREFIX)}


def test_folders_of_dead_processes_are_swept_and_those_in_use_stay(db, folder, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    dead = tmp_path / "webmarket-restore-4000000-abcdef"
    used = tmp_path / f"webmarket-backup-{os.getpid()}-abcdef"
    strange = tmp_path / "webmarket-restored"
    for each in (dead, used, strange):
        each.mkdir()
        (each / "restored.sqlite3").write_bytes(b"customers")
    assert manage("cleanup", "--yes").result["deleted"] == [str(dead)]
    assert [dead.exists(), used.exists(), strange.exists()] == [False, True, True]


class TestTheShopsOwn:
    @pytest.mark.mysql
    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "0.0.0.0", "[::ffff:127.0.0.1]"])  # noqa: S104
    @pytest.mark.parametrize("upper", [False, True])
    def test_under_another_spelling_of_its_host_it_is_refused(self, backup, host, upper):
        shop = connection.settings_dict
        name = shop["NAME"].upper() if upper else shop["NAME"]
        made = manage("restore", "--into", f"mysql://{shop['USER']}:@{host}:{shop['PORT']}/{name}")
        assert made.state == State.FAILED
        assert made.result["code"] == "bad_destination"
        assert "la base de la boutique elle-même" in made.message

    @pytest.mark.mysql
    def test_by_another_port_that_leads_to_it_it_is_refused(self, backup, forwarded_port):
        shop = connection.settings_dict
        target = destination(f"mysql://{shop['USER']}:@127.0.0.1:{forwarded_port}/{shop['NAME']}")
        assert is_the_shops(target)

    def test_a_file_that_is_it_by_another_path_is_refused(self, db, tmp_path, monkeypatch):
        if connection.vendor != "sqlite":
            pytest.skip("the shop's database is no file")
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
                near, _address = listening.accept()
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
    said = [out.getvalue(), err.getvalue(), *capfd.readouterr(), caplog.text, row.message, row.log]
    said += [str(warning.message) for warning in recwarn]
    for place in (*said, json.dumps(row.options), json.dumps(row.result)):
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
    made = manage("restore", "--into", url)
    assert (made.state, made.result["code"]) == (State.FAILED, "bad_destination")


def test_another_server_is_not_sent_our_password(db, folder):
    made = manage("restore", "--into", "mysql://203.0.113.9:3306/restored")
    assert made.result["code"] == "bad_destination"
    assert "RESTORE_DATABASE_URL" in made.message


def test_without_a_place_or_files_it_says_what_to_ask_for(db, folder):
    errors = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("restore", stdout=StringIO(), stderr=errors)
    assert ended.value.code == 2
    assert "--into" in errors.getvalue()
    assert not OperationRun.objects.exists()


def test_it_works_when_the_shops_database_is_lost(backup, folder, target):
    """As a command, for it is then that no test's database stands behind it."""
    lost = "sqlite:////nonexistent/shop.sqlite3" if connection.vendor == "sqlite" else "mysql://root:x@127.0.0.1:1/shop"
    env = {**os.environ, "DATABASE_URL": lost, "BACKUP_FOLDER": str(folder.folder), "DEMO": "true", "SECRET_KEY": "x"}
    made = subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", "restore", "--into", target, "--json"],
        cwd=django_settings.BASE_DIR,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    said = json.loads(made.stdout)
    assert (said["state"], said["run"], said["result"]["content_checked"]) == ("SUCCEEDED", None, True)
    assert "ne répond pas" in made.stderr
    with opened(target):
        assert contents(ALIAS) == backup.contents


class TestMedia:
    def test_what_is_missing_is_put_back_under_its_name_and_nothing_is_written_over(self, db, folder):
        lost, kept, other = (
            default_storage.save(f"produits/{name}.txt", ContentFile(name)) for name in ("perdu", "garde", "autre")
        )
        manage("backup_manager", "--media")
        default_storage.delete(lost)
        default_storage.delete(other)
        default_storage.save(other, ContentFile("plus long"))
        trial = manage("restore", "--media", "--dry-run")
        assert trial.result["media"]["to_copy"] == 1
        assert not default_storage.exists(lost)
        made = manage("restore", "--media")
        assert made.state == State.SUCCEEDED, made.message
        assert (made.result["media"]["copied"], made.result["media"]["different"]) == (1, 1)
        for name, content in ((lost, b"perdu"), (kept, b"garde"), (other, b"plus long")):
            with default_storage.open(name) as file:
                assert file.read() == content
        assert manage("restore", "--media").result["media"]["copied"] == 0


class TestPage:
    @pytest.fixture
    def start(self) -> str:
        return reverse("admin:operations_start", args=["restore"])

    def test_who_may_not_start_operations_does_not_find_it(self, client, start, db):
        from django.contrib.auth.models import Permission

        from apps.accounts.tests.factories import UserFactory

        user = UserFactory(is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename="view_operationrun"))
        client.force_login(user)
        assert start not in client.get(reverse("admin:operations_operationrun_changelist")).content.decode()
        assert client.get(start).status_code == 403
        assert client.post(start, {"into": "mysql://127.0.0.1/x"}).status_code == 403

    def test_it_asks_as_a_trial_and_takes_no_password_and_no_file_anywhere(self, admin_client, start, settings):
        assert 'name="into"' in admin_client.get(start).content.decode()
        page = admin_client.post(start, {"into": "mysql://root:s3cret@127.0.0.1:3306/x"})
        assert page.status_code == 200
        assert "il resterait dans la file" in page.content.decode()
        assert "s3cret" not in page.content.decode()
        page = admin_client.post(start, {"into": "sqlite:////etc/shop.sqlite3"})
        assert str(settings.VAR_DIR) in page.content.decode()
        assert admin_client.post(start, {}).status_code == 200
        assert not OperationRun.objects.exists()

    def test_it_is_run_by_a_worker(self, admin_client, start, settings, folder, backup, tmp_path):
        settings.VAR_DIR = tmp_path
        into = f"sqlite:///{tmp_path / 'restored.sqlite3'}"
        if connection.vendor == "mysql":
            shop = connection.settings_dict
            into = f"mysql://{shop['HOST']}:{shop['PORT']}/{shop['NAME']}_of_the_page"
        assert admin_client.post(start, {"into": into, "dry_run": "on"}).status_code == 302
        run = OperationRun.objects.of("restore").get()
        assert (run.state, run.source, run.is_dry_run) == (State.SUCCEEDED, "BACK_OFFICE", True), run.message

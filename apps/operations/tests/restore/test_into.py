"""`restore` puts a backup into a database that stays."""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, connections

from apps.catalogue.models import Variant
from apps.operations.models import OperationRun
from apps.operations.runs.report import Reporter
from apps.operations.services.backup import manifest as manifests
from apps.operations.services.backup.destination import destination
from apps.operations.services.backup.dump import dump
from apps.operations.services.backup.invariants import instead_of_the_shops
from apps.operations.services.backup.loading import run
from apps.operations.services.backup.source import contents
from apps.operations.services.backup.store import Folder
from apps.operations.services.backup.target import ALIAS
from apps.operations.tests.restore.restored import State, is_there, manage, opened, server


class TestInto:
    def test_everything_is_there_and_stays(self, backup, target):
        outcome = manage("restore", "--into", target)
        assert outcome.state == State.SUCCEEDED, outcome.message
        assert outcome.result["backup"] == backup.prefix
        assert outcome.result["content_checked"] is True
        assert outcome.result["migrations_run"] == []
        assert outcome.result["faults"] == 0
        assert "DATABASE_URL" in outcome.message
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
        outcome = manage("restore", "--into", target)
        assert outcome.state == State.FAILED
        assert "catalogue_variant n’a pas le contenu" in outcome.message
        assert is_there(target)
        assert "catalogue_variant n’a pas le contenu" in manage("restore_check").message

    def test_a_backup_of_an_earlier_release_has_no_hashes_and_is_restored(self, backup, folder, target):
        self.as_an_earlier_release_wrote_it(folder, backup)
        for command in (["restore", "--into", target], ["restore_check"]):
            outcome = manage(*command, "--unsigned")
            assert outcome.state == State.SUCCEEDED, outcome.message
            assert outcome.result["content_checked"] is False
            assert "sans empreintes" in outcome.log

    def as_an_earlier_release_wrote_it(self, folder, backup) -> None:
        raw = json.loads(folder.get(f"{backup.prefix}manifest.json"))
        for name in ("contents", "extras"):
            del raw[name]
        content = json.dumps({**raw, "format": 1}).encode()
        folder.put(f"{backup.prefix}manifest.json", content)
        folder.put(f"{backup.prefix}manifest.sha256", hashlib.sha256(content).hexdigest().encode())
        folder.delete([f"{backup.prefix}manifest.sig"])

    def test_a_backup_of_an_older_schema_is_migrated_forward(self, backup, folder, target):
        before = older_backup(folder, target)
        for command in (["restore_check"], ["restore", "--into", f"{target}2"]):
            try:
                outcome = manage(*command)
                assert outcome.state == State.SUCCEEDED, outcome.message
                assert outcome.result["backup"] == before.prefix
                assert outcome.result["content_checked"] is True
                assert "payments.0007" in " ".join(outcome.result["migrations_run"])
                assert "payments.0007" in outcome.log
            finally:
                if connection.vendor == "mysql":
                    with server() as raw:
                        run(raw, f"DROP DATABASE IF EXISTS `{destination(target).mysql['NAME']}2`")

    def test_a_backup_of_a_newer_release_is_refused_before_anything_is_made(self, backup, folder, target):
        backup.migrations.append("orders.9999_of_tomorrow")
        manifests.write(folder, backup)
        outcome = manage("restore", "--into", target)
        assert outcome.state == State.FAILED
        assert "orders.9999_of_tomorrow" in outcome.message
        assert not is_there(target)

    def test_the_other_databases_backup_is_refused_in_a_sentence(self, backup, tmp_path):
        other = "mysql://somebody:secret@127.0.0.1:1/x" if connection.vendor == "sqlite" else f"sqlite:///{tmp_path}/x"
        outcome = manage("restore", "--into", other)
        assert outcome.state == State.FAILED
        assert "ne se restaure pas dans" in outcome.message

    def test_a_damaged_backup_makes_no_database(self, backup, folder, target):
        part = max((part for table in backup.tables for part in table.parts), key=lambda part: part.size)
        folder.put(part.key, folder.get(part.key)[:-7])
        outcome = manage("restore", "--into", target)
        assert outcome.result["code"] == "backup_damaged"
        assert not is_there(target)


def older_backup(folder: Folder, target: str) -> manifests.Manifest:
    """Of the schema that one migration ago was the latest, made by way of `target`."""
    assert manage("restore", "--into", target).state == State.SUCCEEDED
    with opened(target):
        with instead_of_the_shops(ALIAS):
            call_command("migrate", "payments", "0001_squashed", verbosity=0)
        if connection.vendor == "sqlite":
            connections[ALIAS].close()
        with instead_of_the_shops(ALIAS):
            return dump(store=folder, report=Reporter(), now=datetime(2999, 1, 1, tzinfo=UTC))


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
    env["BACKUP_SIGNING_KEY"] = django_settings.OPERATIONS["backup_signing_key"]
    outcome = subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", "restore", "--into", target, "--json"],
        cwd=django_settings.BASE_DIR,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    answer = json.loads(outcome.stdout)
    assert (answer["state"], answer["run"], answer["result"]["content_checked"]) == ("SUCCEEDED", None, True)
    assert "ne répond pas" in outcome.stderr
    with opened(target):
        assert contents(ALIAS) == backup.contents


class TestMedia:
    def test_what_is_missing_is_put_back_under_its_name_and_nothing_is_written_over(self, db, folder):
        lost, present, other = (
            default_storage.save(f"produits/{name}.txt", ContentFile(name)) for name in ("perdu", "garde", "autre")
        )
        manage("backup_manager", "--media")
        default_storage.delete(lost)
        default_storage.delete(other)
        default_storage.save(other, ContentFile("plus long"))
        trial = manage("restore", "--media", "--dry-run")
        assert trial.result["media"]["to_copy"] == 1
        assert not default_storage.exists(lost)
        outcome = manage("restore", "--media")
        assert outcome.state == State.SUCCEEDED, outcome.message
        assert (outcome.result["media"]["copied"], outcome.result["media"]["different"]) == (1, 1)
        for name, content in ((lost, b"perdu"), (present, b"garde"), (other, b"plus long")):
            with default_storage.open(name) as file:
                assert file.read() == content
        assert manage("restore", "--media").result["media"]["copied"] == 0

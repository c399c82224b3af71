"""`backup_inventory`: every backup with its state, and its page."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from apps.operations.models import OperationRun
from apps.operations.runs.report import Reporter
from apps.operations.services.backup import manifest as manifests
from apps.operations.services.backup.listing import fate_of, states_of, take_inventory
from apps.operations.services.backup.snapshot import OURS
from apps.operations.services.backup.store import Folder
from apps.operations.tests.restore.restored import State, manage
from apps.operations.tests.test_cleanup import export

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


@pytest.fixture
def store(settings, tmp_path) -> Folder:
    changed = {"backup_folder": tmp_path / "backups", "backup_bucket": "", "database_instance": "", "restore_url": ""}
    settings.OPERATIONS = {**settings.OPERATIONS, **changed}
    return Folder(tmp_path / "backups")


def inventory(**changes) -> dict:
    asked = {"days": 7, "weeks": 0, "months": 0, "unsigned": False, "dry_run": False, "now": NOW} | changes
    return take_inventory(**asked, report=Reporter()).data


def states(backup: dict) -> str:
    return ", ".join(each["text"] for each in states_of(backup))


def test_each_backup_has_its_state_and_its_fate(store):
    fresh, good, _third, old = (export(store, days) for days in (0, 10, 11, 40))
    verified = export(store, 50, verified=True)
    half = export(store, 20, finished=False)
    held = export(store, 60)
    store.put(f"{held}hold", b"")
    put_back = {"backup": good, "restored_at": NOW.isoformat(), "into": "mysql://shop:***@db:3306/webmarket"}
    manifests.write_mark(store, good, manifests.PUT_BACK, put_back)
    store.put("database/README.txt", b"by hand")
    data = inventory()
    found = {each["name"]: each for each in data["backups"]}
    assert next(iter(found)) == fresh
    assert states(found[fresh]) == "faite, jamais vérifiée"
    assert "restaurée le 21/11/2026 04:00 dans mysql://shop:***@db:3306/webmarket" in states(found[good])
    assert "vérifiée le 21/11/2026 04:00" in states(found[verified])
    assert states(found[half]) == "inachevée"
    assert "retenue" in states(found[held])
    assert fate_of(found[old]) == fate_of(found[half]) == "partira au prochain ménage"
    assert {name for name, each in found.items() if each["kept"]} == {fresh, good, _third, verified, held}
    assert data["counts"] == {"export local": 7}
    assert list(data["left"]) == ["database/README.txt"]
    assert data["newest_verified_at"] == (NOW - timedelta(days=50)).isoformat()
    assert found[old]["name"] not in [each["name"] for each in inventory(months=2)["backups"] if not each["kept"]]


@pytest.mark.django_db
def test_the_command_says_it_in_json(store):
    created = export(store, 3)
    out = StringIO()
    call_command("backup_inventory", "--json", stdout=out, stderr=StringIO())
    (backup,) = json.loads(out.getvalue())["result"]["backups"]
    assert (backup["name"], backup["is_whole"], backup["is_signed"]) == (created, True, True)


@pytest.mark.django_db(transaction=True)
def test_a_real_restore_is_noted(store, tmp_path):
    assert manage("backup_manager", "--logical").state == State.SUCCEEDED
    if connection.vendor == "sqlite":
        assert manage("restore", "--into", f"sqlite:///{tmp_path / 'restored.sqlite3'}").state == State.SUCCEEDED
        (backup,) = inventory(now=datetime.now(UTC))["backups"]
        assert "restored.sqlite3" in backup["restored_into"]
    assert manage("restore_check").state == State.SUCCEEDED
    (backup,) = inventory(now=datetime.now(UTC))["backups"]
    assert backup["verified_at"]


def test_snapshots_of_both_regions_say_where_their_copies_are(aws, store, settings):
    settings.OPERATIONS = {**settings.OPERATIONS, "database_instance": "shop", "backup_region": "eu-central-1"}
    rds, there = aws("rds"), aws("rds", "eu-central-1")
    rds.create_db_instance(
        DBInstanceIdentifier="shop",
        DBInstanceClass="db.t4g.micro",
        Engine="mysql",
        MasterUsername="a",
        MasterUserPassword="at least eight",
        AllocatedStorage=20,
    )
    for name in ("snap-shop-1", "snap-shop-2"):
        rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier="shop", Tags=[OURS])
    (first,) = rds.describe_db_snapshots(DBSnapshotIdentifier="snap-shop-1")["DBSnapshots"]
    there.copy_db_snapshot(
        SourceDBSnapshotIdentifier=first["DBSnapshotArn"],
        TargetDBSnapshotIdentifier="snap-shop-1",
        SourceRegion="eu-west-3",
        Tags=[OURS],
    )
    data = inventory(now=datetime.now(UTC))
    found = {(each["name"], each["region"]): each for each in data["backups"]}
    assert states(found["snap-shop-1", "eu-west-3"]) == "faite, copiée vers eu-central-1"
    assert states(found["snap-shop-1", "eu-central-1"]) == "faite, copiée vers eu-west-3"
    assert states(found["snap-shop-2", "eu-west-3"]) == "faite"
    assert data["counts"] == {"rds local eu-west-3": 2, "rds local eu-central-1": 1}


def test_its_page_shows_it_to_who_may_see_runs(admin_client, client, store):
    created = export(store, 3)
    run = manage("backup_inventory")
    page = reverse("admin:operations_backups", args=[run.pk])
    assert page in admin_client.get(reverse("admin:operations_operationrun_change", args=[run.pk])).content.decode()
    text = admin_client.get(page).content.decode()
    assert created in text
    assert "jamais vérifiée" in text
    client.logout()
    assert client.get(page).status_code == 302
    other = manage("publish_metrics")
    assert admin_client.get(reverse("admin:operations_backups", args=[other.pk])).status_code == 404
    assert OperationRun.objects.count() == 2

import json
from base64 import b64encode
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from botocore.exceptions import ClientError
from celery.worker.request import Request
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from kombu import Connection

from apps.catalogue.models import Stock
from apps.catalogue.tests.factories import VariantFactory
from apps.common.documents import documents
from apps.operations.models import OperationRun
from apps.operations.runs.report import Reporter
from apps.operations.services.backup import leftovers
from apps.operations.services.backup import manifest as manifests
from apps.operations.services.backup.manager import back_up
from apps.operations.services.backup.media import back_up_media
from apps.operations.services.backup.scratch import scratch_server
from apps.operations.services.backup.snapshot import OURS, snapshot_name
from apps.operations.services.backup.store import Folder, backups
from apps.operations.services.backup.target import server_for_checks
from apps.operations.tasks import TASKS

NOW = datetime(2026, 11, 21, 2, 0, 5, tzinfo=UTC)
BUCKET = "webmarket-test-backups"
State = OperationRun.State


def manage(*arguments: str) -> OperationRun:
    """The row that the command leaves, however it ends."""
    with suppress(SystemExit):
        call_command(*arguments, stdout=StringIO(), stderr=StringIO())
    return OperationRun.objects.latest("pk")


@pytest.fixture
def folder(settings, tmp_path) -> Folder:
    settings.OPERATIONS = {**settings.OPERATIONS, "backup_folder": tmp_path / "backups", "backup_bucket": ""}
    return Folder(tmp_path / "backups")


@pytest.fixture
def bucket(aws, settings):
    aws("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    settings.OPERATIONS = {**settings.OPERATIONS, "backup_bucket": BUCKET}
    return aws("s3")


@pytest.fixture
def shop(transactional_db):
    """A small shop whose texts and numbers are not easy to copy."""
    for number, name in enumerate(["Thé « Été »", "日本茶 🍵", 'O\'Neill \\ "100 %"', ""]):
        VariantFactory(product__name_fr=name or "Café", price=Decimal("12.30") + number)


class TestLogical:
    def test_every_row_comes_back_from_a_bucket(self, shop, bucket):
        run = manage("backup_manager", "--logical")
        assert run.state == State.SUCCEEDED, run.message
        prefix = run.result["backup"]["prefix"]
        found = manifests.read(backups(), prefix)
        assert found.migrations
        assert found.rows == run.result["backup"]["rows"] > 0
        assert all(part.key.startswith(prefix) for table in found.tables for part in table.parts)

        checked = manage("restore_check")
        assert checked.state == State.SUCCEEDED, checked.message
        assert checked.result["backup"] == prefix
        assert checked.result["rows"] == found.rows
        assert checked.result["recovery_point"] == found.taken_at
        assert json.loads(bucket.get_object(Bucket=BUCKET, Key=f"{prefix}restored.json")["Body"].read())

    def test_nothing_of_the_restored_database_stays(self, shop, folder):
        manage("backup_manager", "--logical")
        manage("restore_check")
        if connection.vendor == "mysql":
            with connection.cursor() as cursor:
                cursor.execute("SHOW DATABASES")
                assert [name for (name,) in cursor.fetchall() if name.startswith(leftovers.PREFIX)] == []

    def test_a_dry_run_writes_nothing(self, shop, folder):
        assert manage("backup_manager", "--logical", "--dry-run").state == State.SUCCEEDED
        assert list(folder.listed("")) == []

    def test_one_is_taken_where_the_last_is_too_old(self, shop, folder):
        old = manage("backup_manager", "--logical")
        assert "La dernière sauvegarde est du" in manage("backup_manager", "--logical", "--if-older-than", "20").message
        # What was never finished is no backup, however new.
        folder.put("database/2999-01-01T00-00-00/shop/00001.gz", b"half")
        assert len(manifests.finished(folder)) == 1
        later = datetime.fromisoformat(old.result["backup"]["taken_at"]) + timedelta(hours=20, seconds=1)
        given = {"logical": True, "media": False, "copy_to": "", "dry_run": False, "report": Reporter()}
        assert not back_up(**given, now=later, if_older_than=20).is_idle
        assert len(manifests.finished(folder)) == 2

    def test_the_message_of_eventbridge_scheduler_starts_one(self, shop, folder, aws, settings):
        """What terraform/modules/schedule has it send, from SQS through kombu to the task."""
        url = aws("sqs").create_queue(QueueName="webmarket-test-operations")["QueueUrl"]
        content = (settings.BASE_DIR / "terraform" / "modules" / "schedule" / "backup.json").read_bytes()
        aws("sqs").send_message(QueueUrl=url, MessageBody=b64encode(content).decode())
        options = {"region": "eu-west-3", "predefined_queues": {"operations": {"url": url}}}
        with Connection("sqs://", transport_options=options) as broker:
            message = broker.default_channel.basic_get("operations")
            task = TASKS["backup_manager"]
            assert Request(message, app=task.app).task == task
            arguments, named, _ = message.payload
            task(*arguments, **named)
            # The next one finds that of a moment ago.
            task(*arguments, **named)
            message.ack()
        assert len(manifests.finished(folder)) == 1

    def test_without_a_backup_there_is_nothing_to_check(self, db, folder):
        run = manage("restore_check")
        assert run.state == State.FAILED
        assert "backup_manager --logical" in run.message

    def test_a_name_that_no_backup_has_is_said(self, db, folder):
        run = manage("restore_check", "--backup", "database/1999-01-01T00-00-00/")
        assert run.state == State.FAILED
        assert "n’a pas de sauvegarde database/1999" in run.message

    def test_a_locked_bucket_takes_it_and_keeps_what_is_deleted(self, shop, aws, settings):
        """As production's: moto too refuses an object there whose checksum's algorithm is not named."""
        s3, place = aws("s3"), {"LocationConstraint": "eu-west-3"}
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place, ObjectLockEnabledForBucket=True)
        lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 30}}}
        s3.put_object_lock_configuration(Bucket=BUCKET, ObjectLockConfiguration=lock)
        settings.OPERATIONS = {**settings.OPERATIONS, "backup_bucket": BUCKET}
        run = manage("backup_manager", "--logical")
        assert run.state == State.SUCCEEDED, run.message
        key = f"{run.result['backup']['prefix']}manifest.json"
        backups().delete([key])
        (left,) = s3.list_object_versions(Bucket=BUCKET, Prefix=key)["Versions"]
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.delete_object(Bucket=BUCKET, Key=key, VersionId=left["VersionId"])

    def test_a_bucket_that_is_not_there_is_named(self, shop, aws, settings):
        settings.OPERATIONS = {**settings.OPERATIONS, "backup_bucket": "nowhere"}
        run = manage("backup_manager", "--logical")
        assert run.state == State.FAILED
        assert run.result["aws_code"] == "NoSuchBucket"

    def test_a_shop_that_does_not_add_up_is_not_green(self, shop, folder):
        Stock.objects.update(on_hand=41)
        manage("backup_manager", "--logical")
        run = manage("restore_check")
        assert run.state == State.FAILED
        assert run.result["faults"] == Stock.objects.count()
        assert "41 on hand" in run.message
        assert not any(each.key.endswith("restored.json") for each in folder.listed(""))

    def test_a_table_that_was_emptied_is_not_green(self, shop, folder):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM catalogue_priceentry")
        manage("backup_manager", "--logical")
        run = manage("restore_check")
        assert run.state == State.FAILED
        assert run.result["faults"] == Stock.objects.count()
        assert "not in the ledger" in run.message


class TestDamage:
    @pytest.fixture
    def backup(self, shop, folder) -> manifests.Manifest:
        manage("backup_manager", "--logical")
        return manifests.read(folder, manifests.finished(folder)[0])

    @pytest.fixture
    def part(self, backup) -> str:
        return max((part for table in backup.tables for part in table.parts), key=lambda part: part.size).key

    def check(self, says: str) -> None:
        run = manage("restore_check")
        assert run.state == State.FAILED
        assert run.result["code"] == "backup_damaged"
        assert says in run.message

    def test_a_flipped_bit(self, folder, part):
        content = bytearray(folder.get(part))
        content[len(content) // 2] ^= 1
        folder.put(part, bytes(content))
        self.check("somme de contrôle")

    def test_what_was_verified_once_is_so_no_longer(self, folder, backup, part):
        assert manage("restore_check").state == State.SUCCEEDED
        assert manifests.verified_at(folder, backup.prefix)
        folder.put(part, folder.get(part)[:-7])
        self.check("tronquée")
        assert manifests.verified_at(folder, backup.prefix) is None

    def test_a_part_cut_short(self, folder, part):
        folder.put(part, folder.get(part)[:-7])
        self.check("tronquée")

    def test_a_missing_part(self, folder, part):
        folder.delete([part])
        self.check("Il manque")

    def test_a_changed_manifest(self, folder, backup):
        content = folder.get(f"{backup.prefix}manifest.json").replace(b'"rows": ', b'"rows": 1')
        folder.put(f"{backup.prefix}manifest.json", content)
        self.check("manifeste")

    def test_one_that_was_never_finished_is_not_the_newest(self, folder, backup):
        folder.put("database/2999-01-01T00-00-00/shop/00001.gz", b"half")
        assert manifests.finished(folder) == [backup.prefix]


class TestSnapshot:
    @pytest.fixture
    def rds(self, aws, settings):
        settings.OPERATIONS = {
            **settings.OPERATIONS,
            "database_instance": "shop",
            "environment": "test",
            "poll_seconds": 0,
        }
        aws("rds").create_db_instance(
            DBInstanceIdentifier="shop",
            DBInstanceClass="db.t4g.micro",
            Engine="mysql",
            MasterUsername="a",
            MasterUserPassword="at least eight",
            AllocatedStorage=20,
        )
        return aws

    def test_its_name_is_the_instance_and_the_minute(self):
        assert snapshot_name("shop", NOW) == "snap-shop-2026-11-21-02-00"

    def test_it_is_tagged_as_ours_and_waited_for(self, db, rds):
        run = manage("backup_manager")
        assert run.state == State.SUCCEEDED, run.message
        (snapshot,) = rds("rds").describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
        assert snapshot["DBSnapshotIdentifier"] == run.result["snapshot"]
        tags = {tag["Key"]: tag["Value"] for tag in snapshot["TagList"]}
        assert tags == {"MadeBy": "webmarket-backup", "Environment": "test"}
        assert run.links

    def test_it_is_copied_to_another_region(self, db, rds):
        run = manage("backup_manager", "--copy-to", "eu-central-1")
        assert run.state == State.SUCCEEDED, run.message
        (copy,) = rds("rds", "eu-central-1").describe_db_snapshots()["DBSnapshots"]
        assert copy["DBSnapshotIdentifier"] == run.result["snapshot"]

    def test_a_dry_run_only_says_its_name(self, db, rds):
        assert manage("backup_manager", "--dry-run").result["snapshot"].startswith("snap-shop-")
        assert rds("rds").describe_db_snapshots(SnapshotType="manual")["DBSnapshots"] == []

    def test_an_instance_that_is_not_there_is_named(self, db, aws, settings):
        settings.OPERATIONS = {**settings.OPERATIONS, "database_instance": "gone"}
        run = manage("backup_manager")
        assert run.state == State.FAILED
        assert "gone" in run.message

    def test_without_an_instance_it_says_what_to_do(self, db):
        assert "--logical" in manage("backup_manager").message

    def test_a_restore_gets_an_instance_of_its_own_and_gives_it_back(self, rds):
        def work() -> None:
            with scratch_server(Reporter()) as where:
                names = [each["DBInstanceIdentifier"] for each in rds("rds").describe_db_instances()["DBInstances"]]
                assert any(name.startswith("restore-check-shop-") for name in names)
                assert where["USER"] == "restore"
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            work()
        (left,) = rds("rds").describe_db_instances()["DBInstances"]
        assert left["DBInstanceIdentifier"] == "shop"

    def test_an_instance_that_a_dead_check_left_is_deleted_by_the_next(self, rds):
        dead = {"DBInstanceIdentifier": "restore-check-shop-a1b2c3", "Tags": [OURS]}
        shape = {"DBInstanceClass": "db.t4g.micro", "Engine": "mysql", "AllocatedStorage": 20}
        rds("rds").create_db_instance(**dead, **shape, MasterUsername="a", MasterUserPassword="at least eight")
        report = Reporter()
        with server_for_checks(report) as where:
            assert where["USER"] == "restore"
        assert "restore-check-shop-a1b2c3" in report.lines[0]
        (left,) = rds("rds").describe_db_instances()["DBInstances"]
        assert left["DBInstanceIdentifier"] == "shop"


class TestMedia:
    def test_only_what_is_not_there_is_copied(self, folder):
        names = [default_storage.save(f"produits/{name}.txt", ContentFile(name)) for name in ("vert", "noir")]
        first = back_up_media(store=folder, dry_run=False, report=Reporter())
        assert first["copied"] >= 2
        assert folder.get(f"media/{names[0]}") == b"vert"
        default_storage.save("produits/blanc.txt", ContentFile("blanc"))
        assert back_up_media(store=folder, dry_run=True, report=Reporter())["to_copy"] == 1
        assert back_up_media(store=folder, dry_run=False, report=Reporter())["copied"] == 1
        assert back_up_media(store=folder, dry_run=False, report=Reporter())["copied"] == 0

    def test_documents_are_copied_too_and_forgotten_when_the_shop_forgets_them(self, folder, settings):
        settings.STORAGES = dict(settings.STORAGES)  # empty ones
        present, deleted = (documents().save(f"prospects/{name}", ContentFile(name)) for name in ("garde", "oubli"))
        back_up_media(store=folder, dry_run=False, report=Reporter())
        assert folder.get(f"documents/{deleted}") == b"oubli"
        documents().delete(deleted)
        back_up_media(store=folder, dry_run=False, report=Reporter())
        assert folder.get(f"documents/{deleted}") is None
        documents().delete(present)
        back_up_media(store=folder, dry_run=False, report=Reporter())
        assert folder.get(f"documents/{present}") == b"garde"

    def test_a_bucket_is_copied_without_passing_through_here(self, bucket, settings):
        files = "webmarket-test-files"
        bucket.create_bucket(Bucket=files, CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
        bucket.put_object(Bucket=files, Key="media/produits/vert.webp", Body=b"vert")
        settings.FILES_BUCKET = files
        assert back_up_media(store=backups(), dry_run=False, report=Reporter())["copied"] == 1
        assert bucket.get_object(Bucket=BUCKET, Key="media/produits/vert.webp")["Body"].read() == b"vert"
        assert back_up_media(store=backups(), dry_run=False, report=Reporter())["copied"] == 0

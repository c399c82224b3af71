import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command

from apps.operations.models import OperationRun
from apps.operations.runs.report import Reporter
from apps.operations.services.backup.store import Folder
from apps.operations.services.cleanup import cleanup

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
OURS = {"Key": "MadeBy", "Value": "webmarket-backup"}


def run(**changes):
    options = {"days": 7, "max_delete": 20, "yes": True, "dry_run": False, "now": NOW} | changes
    return cleanup(**options, report=Reporter())


@pytest.fixture
def store(settings, tmp_path):
    settings.OPERATIONS = {
        **settings.OPERATIONS,
        "backup_folder": tmp_path,
        "backup_bucket": "",
        "database_instance": "",
    }
    return Folder(tmp_path)


def export(store: Folder, days: int, *, finished: bool = True) -> str:
    """A backup as old as that."""
    at = NOW - timedelta(days=days)
    prefix = f"database/{at:%Y-%m-%dT%H-%M-%S}/"
    for name in ("orders/00001.gz", *(["manifest.json"] if finished else [])):
        store.put(f"{prefix}{name}", b"content")
        os.utime(store.folder / f"{prefix}{name}", (at.timestamp(), at.timestamp()))
    return prefix


def prefixes(store: Folder) -> set[str]:
    return {"/".join(each.key.split("/")[:2]) + "/" for each in store.listed("")}


class TestExports:
    def test_old_ones_go_and_recent_ones_stay(self, store):
        recent = {export(store, days) for days in (0, 1, 2, 6)}
        old = {export(store, days) for days in (8, 40)}
        outcome = run()
        assert set(outcome.data["deleted"]) == old
        assert prefixes(store) == recent

    def test_nothing_goes_without_yes_or_in_a_dry_run(self, store):
        made = {export(store, days) for days in range(10, 20)}
        assert len(run(yes=False).data["old"]) == 7
        assert len(run(dry_run=True).data["old"]) == 7
        assert prefixes(store) == made

    def test_the_newest_three_stay_however_old(self, store):
        made = [export(store, days) for days in (100, 200, 300, 400)]
        run()
        assert prefixes(store) == set(made[:3])

    def test_what_was_never_finished_does_not_count_among_them(self, store):
        good = {export(store, days) for days in (100, 200, 300)}
        half = export(store, 50, finished=False)
        assert run().data["deleted"] == [half]
        assert prefixes(store) == good

    def test_at_most_as_many_as_allowed_the_oldest_first(self, store):
        made = [export(store, days) for days in range(10, 20)]
        assert run(max_delete=2).data["deleted"] == [made[-1], made[-2]]


class TestSnapshots:
    @pytest.fixture
    def rds(self, aws, store, settings):
        settings.OPERATIONS = {**settings.OPERATIONS, "database_instance": "shop"}
        rds = aws("rds")
        for name in ("shop", "other"):
            rds.create_db_instance(
                DBInstanceIdentifier=name,
                DBInstanceClass="db.t4g.micro",
                Engine="mysql",
                MasterUsername="a",
                MasterUserPassword="at least eight",
                AllocatedStorage=20,
            )
        return rds

    def take(self, rds, name: str, *tags: dict, instance: str = "shop") -> None:
        rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=instance, Tags=list(tags))

    def left(self, rds) -> set[str]:
        return {
            each["DBSnapshotIdentifier"] for each in rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
        }

    def test_only_ours_go(self, rds):
        """Moto dates snapshots with the real clock: the run happens a year from now."""
        for number in range(6):
            self.take(rds, f"snap-shop-{number}", OURS)
        self.take(rds, "snap-shop-held", OURS, {"Key": "Hold", "Value": "audit"})
        self.take(rds, "snap-shop-shared", OURS)
        rds.modify_db_snapshot_attribute(
            DBSnapshotIdentifier="snap-shop-shared", AttributeName="restore", ValuesToAdd=["210987654321"]
        )
        self.take(rds, "snap-shop-of-somebody")
        self.take(rds, "before-the-move", OURS)
        self.take(rds, "snap-other-1", OURS, instance="other")
        for number in range(6, 9):
            self.take(rds, f"snap-shop-{number}", OURS)
        late = run(now=datetime.now(UTC) + timedelta(days=365))
        assert set(late.data["deleted"]) == {f"snap-shop-{number}" for number in range(6)}
        assert {
            "snap-shop-held",
            "snap-shop-shared",
            "snap-shop-of-somebody",
            "before-the-move",
            "snap-other-1",
        } <= self.left(rds)
        assert late.ok

    def test_an_images_volume_snapshot_stays(self, aws, rds):
        ec2 = aws("ec2")
        volume = ec2.create_volume(AvailabilityZone="eu-west-3a", Size=1)["VolumeId"]
        tags = [{"ResourceType": "snapshot", "Tags": [OURS]}]
        machine = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
        image = ec2.create_image(InstanceId=machine, Name="ours")["ImageId"]
        (described,) = ec2.describe_images(ImageIds=[image])["Images"]
        used = described["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
        ec2.create_tags(Resources=[used], Tags=[OURS])
        made = {ec2.create_snapshot(VolumeId=volume, TagSpecifications=tags)["SnapshotId"] for _ in range(4)}
        late = run(now=datetime.now(UTC) + timedelta(days=365))
        left = {each["SnapshotId"] for each in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]}
        assert used in left
        assert len(made - left) == len(late.data["deleted"]) == 1


@pytest.mark.django_db
def test_the_command_shows_ages_and_deletes_nothing_by_default(store):
    made = {export(store, days) for days in (10, 20, 30, 40)}
    out = StringIO()
    with time_machine.travel(NOW, tick=False), suppress(SystemExit):
        call_command("cleanup", "--days", "7", stdout=out)
    assert "40 jours" in out.getvalue()
    assert "--yes" in out.getvalue()
    assert prefixes(store) == made
    assert OperationRun.objects.get().result["deleted"] == []

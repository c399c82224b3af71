import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import hypothesis
import pytest
import time_machine
from django.core.management import call_command
from hypothesis import strategies as st

from apps.common.tests.examples import examples
from apps.operations.models import OperationRun
from apps.operations.runs.report import Reporter
from apps.operations.services.backup import inventory
from apps.operations.services.backup import manifest as manifests
from apps.operations.services.backup.inventory import Policy
from apps.operations.services.backup.manifest import Manifest, Part, Table
from apps.operations.services.backup.store import Bucket, Folder, Stored
from apps.operations.services.cleanup import cleanup

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
OURS = {"Key": "MadeBy", "Value": "webmarket-backup"}


def run(**changes):
    asked = {"days": 7, "weeks": 0, "months": 0, "max_delete": 20, "yes": True, "unsigned": False}
    options = {**asked, "dry_run": False, "now": NOW} | changes
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


def export(store: Folder, days: int, *, finished: bool = True, verified: bool = False) -> str:
    """A backup as old as that."""
    at = NOW - timedelta(days=days)
    created = manifest(at)
    store.put(f"{created.prefix}orders/00001.gz", b"content")
    if finished:
        manifests.write(store, created)
    if verified:
        mark = {"backup": created.prefix, "restored_at": NOW.isoformat()}
        manifests.write_mark(store, created.prefix, manifests.RESTORED, mark)
    for each in store.listed(created.prefix):
        os.utime(store.folder / each.key, (at.timestamp(), at.timestamp()))
    return created.prefix


def manifest(at: datetime) -> Manifest:
    """Of a backup with one piece of seven bytes."""
    prefix = manifests.new_prefix(at)
    table = Table("orders", "", [], [], 1, [Part(f"{prefix}orders/00001.gz", 7, "", 1)])
    return Manifest(prefix, "mysql", "9.7", at.isoformat(), "v1", [], [table])


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
        created = {export(store, days) for days in range(10, 20)}
        assert len(run(yes=False).data["old"]) == 7
        assert len(run(dry_run=True).data["old"]) == 7
        assert prefixes(store) == created

    def test_the_newest_three_stay_however_old(self, store):
        created = [export(store, days) for days in (100, 200, 300, 400)]
        run()
        assert prefixes(store) == set(created[:3])

    def test_what_was_never_finished_does_not_count_among_them(self, store):
        good = {export(store, days) for days in (100, 200, 300)}
        half = export(store, 50, finished=False)
        assert run().data["deleted"] == [half]
        assert prefixes(store) == good

    def test_one_that_lost_a_piece_does_not_count_among_them(self, store):
        good = {export(store, days) for days in (100, 200, 300)}
        damaged = export(store, 50)
        store.delete([f"{damaged}orders/00001.gz"])
        assert run().data["deleted"] == [damaged]
        assert prefixes(store) == good

    def test_the_newest_that_was_verified_stays_however_old(self, store):
        verified = [export(store, days, verified=True) for days in (400, 300)]
        for days in range(10, 16):
            export(store, days)
        assert set(run().data["deleted"]) >= {verified[0]}
        assert verified[1] in prefixes(store)
        assert len(prefixes(store)) == 4

    @pytest.mark.parametrize("name", ["hold", "Hold", "HOLD.txt"])
    def test_one_that_a_file_holds_stays(self, store, name):
        held = export(store, 400)
        store.put(f"{held}{name}", b"the accountant asked for it")
        for days in range(10, 15):
            export(store, days)
        assert held not in run().data["deleted"]
        assert held in prefixes(store)

    def test_what_is_not_ours_is_left_and_named(self, store):
        """Among them what only looks like a backup, which takes nobody's place among the newest."""
        good = [export(store, days) for days in (100, 200, 300)]
        strange = {
            "database/README.txt": b"read me",
            "database/before-migration-by-hand/dump.sql.gz": b"dump",
            "database/zz-pretend/manifest.json": b"{}",
            "database/2999-01-01T00-00-00/manifest.json": b"",
            "database/2998-01-01T00-00-00/manifest.json": b'{"format": 2}',
            "database/2020-01-01T00-00-00/notes.odt": b"notes",
        }
        for key, content in strange.items():
            store.put(key, content)
            os.utime(store.folder / key, (0, 0))
        copied = export(store, 150)
        store.put("database/2997-01-01T00-00-00/manifest.json", store.get(f"{copied}manifest.json"))
        store.put("database/2997-01-01T00-00-00/manifest.sha256", store.get(f"{copied}manifest.sha256"))
        store.put("database/2997-01-01T00-00-00/manifest.sig", store.get(f"{copied}manifest.sig"))
        own = export(store, 160)
        store.put(f"{own}notes.odt", b"why I keep it")
        outcome = run(max_delete=1000)
        assert outcome.data["deleted"] == [good[2]]
        assert all(store.get(key) == content for key, content in strange.items())
        assert store.get(f"{own}notes.odt")
        assert own in outcome.data["left"]
        assert {"database/README.txt", "database/before-migration-by-hand/", "database/zz-pretend/"} <= set(
            outcome.data["left"]
        )
        assert run(max_delete=1000).data["deleted"] == []

    def test_at_most_as_many_as_allowed_the_oldest_first(self, store):
        created = [export(store, days) for days in range(10, 20)]
        assert run(max_delete=2).data["deleted"] == [created[-1], created[-2]]


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
        self.take(rds, "snap-shop-held", OURS, {"Key": "hold", "Value": "audit"})
        self.take(rds, "snap-shop-elsewhere", OURS, {"Key": "Environment", "Value": "elsewhere"})
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
            "snap-shop-elsewhere",
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
        created = {ec2.create_snapshot(VolumeId=volume, TagSpecifications=tags)["SnapshotId"] for _ in range(4)}
        late = run(now=datetime.now(UTC) + timedelta(days=365))
        left = {each["SnapshotId"] for each in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]}
        assert used in left
        assert len(created - left) == len(late.data["deleted"]) == 1

    def test_the_newest_of_each_volume_stay_and_another_environments_are_left(self, aws, rds, settings):
        settings.OPERATIONS = {**settings.OPERATIONS, "environment": "staging"}
        ec2 = aws("ec2")

        def take(count: int, environment: str) -> set[str]:
            volume = ec2.create_volume(AvailabilityZone="eu-west-3a", Size=1)["VolumeId"]
            tags = [OURS, {"Key": "Environment", "Value": environment}]
            shape = [{"ResourceType": "snapshot", "Tags": tags}]
            return {ec2.create_snapshot(VolumeId=volume, TagSpecifications=shape)["SnapshotId"] for _ in range(count)}

        only, many, other = take(1, "staging"), take(5, "staging"), take(5, "production")
        late = run(now=datetime.now(UTC) + timedelta(days=365))
        deleted = set(late.data["deleted"])
        assert len(deleted) == 2
        assert deleted <= many
        assert other <= set(late.data["left"])
        assert not deleted & only

    def test_copies_in_the_second_region_go_too(self, aws, rds, settings):
        settings.OPERATIONS = {**settings.OPERATIONS, "backup_region": "eu-central-1"}
        there = aws("rds", "eu-central-1")
        for number in range(5):
            self.take(rds, f"snap-shop-{number}", OURS)
            (created,) = rds.describe_db_snapshots(DBSnapshotIdentifier=f"snap-shop-{number}")["DBSnapshots"]
            there.copy_db_snapshot(
                SourceDBSnapshotIdentifier=created["DBSnapshotArn"],
                TargetDBSnapshotIdentifier=f"snap-shop-{number}",
                SourceRegion="eu-west-3",
                Tags=[OURS],
            )
        late = run(now=datetime.now(UTC) + timedelta(days=365))
        assert sorted(late.data["deleted"]) == ["snap-shop-0", "snap-shop-0", "snap-shop-1", "snap-shop-1"]
        assert self.left(there) == self.left(rds) == {"snap-shop-2", "snap-shop-3", "snap-shop-4"}


@pytest.mark.django_db
def test_instances_of_dead_checks_go_and_nobody_elses(aws, store, settings):
    settings.OPERATIONS = {**settings.OPERATIONS, "database_instance": "shop"}
    rds = aws("rds")
    dead, twin, untagged = "restore-check-shop-a1b2c3", "restore-check-shop-2-a1b2c3", "restore-check-shop-d4e5f6"
    for name, tags in (("shop", []), (dead, [OURS]), (twin, [OURS]), (untagged, [])):
        rds.create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.t4g.micro",
            Engine="mysql",
            MasterUsername="a",
            MasterUserPassword="at least eight",
            AllocatedStorage=20,
            Tags=tags,
        )
    # A living check has one of its own.
    running = OperationRun.objects.create(
        operation="restore_check", pid=1, started_at=NOW, expires_at=NOW + timedelta(hours=1)
    )
    assert run().data["deleted"] == []
    OperationRun.objects.filter(pk=running.pk).update(finished_at=NOW)
    assert run().data["deleted"] == [dead]
    left = {each["DBInstanceIdentifier"] for each in rds.describe_db_instances()["DBInstances"]}
    assert left == {"shop", twin, untagged}


def test_a_tag_on_its_manifest_holds_a_backup_of_a_bucket(aws, settings):
    bucket = "webmarket-test-held"
    s3 = aws("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    settings.OPERATIONS = {**settings.OPERATIONS, "backup_bucket": bucket}
    store = Bucket(bucket)
    created = []
    for days in range(100, 106):
        found = manifest(NOW - timedelta(days=days))
        store.put(f"{found.prefix}orders/00001.gz", b"content")
        manifests.write(store, found)
        created.append(found.prefix)
    tags = {"TagSet": [{"Key": "HOLD", "Value": "procès"}]}
    s3.put_object_tagging(Bucket=bucket, Key=f"{created[5]}manifest.json", Tagging=tags)
    reasons = inventory.reasons_to_keep(inventory.take(store).exports, Policy(NOW))
    assert set(reasons) == {*created[:3], created[5]}
    assert set(run().data["deleted"]) == {created[3], created[4]}


class Memory:
    """A store of which only reading matters here."""

    name = "memory"

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, datetime]] = {}

    def put(self, key: str, content: bytes, at: datetime = NOW) -> None:
        self.objects[key] = (content, at)

    def get(self, key: str) -> bytes | None:
        return self.objects.get(key, (None, NOW))[0]

    def listed(self, prefix: str) -> Iterator[Stored]:
        return (Stored(key, len(content), at) for key, (content, at) in self.objects.items() if key.startswith(prefix))

    def tags(self, key: str) -> list[str]:
        return []

    def delete(self, keys: list[str]) -> None:
        for key in keys:
            self.objects.pop(key, None)


@dataclass(frozen=True)
class Planned:
    """What a random store holds of one night, as the oracle knows it."""

    days: int
    state: str
    is_verified: bool
    is_held: bool
    # None: it has none, "forged": somebody else's, or of another content.
    signature: str | None = "ours"

    @property
    def at(self) -> datetime:
        return NOW - timedelta(days=self.days)

    @property
    def day(self) -> date:
        return self.at.astimezone(ZoneInfo("Europe/Paris")).date()

    @property
    def prefix(self) -> str:
        return f"database/{self.at:%Y-%m-%dT%H-%M-%S}/"

    @property
    def is_ours(self) -> bool:
        return self.state == "half" or (self.state in {"good", "lost a piece"} and self.signature == "ours")

    def put(self, store: Memory) -> None:
        created = manifest(self.at)
        store.put(f"{created.prefix}orders/00001.gz", b"content", self.at)
        if self.state != "half":
            manifests.write(store, created)
        if self.state != "half" and self.signature != "ours":
            store.delete([f"{created.prefix}manifest.sig"])
        if self.state != "half" and self.signature == "forged":
            store.put(f"{created.prefix}manifest.sig", FORGED)
        if self.state == "lost a piece":
            store.put(f"{created.prefix}orders/00001.gz", b"cont", self.at)
        if self.state == "junk manifest":
            store.put(f"{created.prefix}manifest.json", b'{"format": 2, "tables": []}', self.at)
        if self.state == "with a strangers file":
            store.put(f"{created.prefix}notes.odt", b"notes", self.at)
        if self.is_verified:
            mark = {"backup": created.prefix, "restored_at": NOW.isoformat()}
            manifests.write_mark(store, created.prefix, manifests.RESTORED, mark)
        if self.is_held:
            store.put(f"{created.prefix}Hold", b"", self.at)
        # Whatever was written of it was written then.
        for key in [key for key in store.objects if key.startswith(created.prefix)]:
            store.put(key, store.objects[key][0], self.at)


FORGED = json.dumps({"key": "0" * 64, "signature": "AAAA"}).encode()
STATES = ["good", "good", "good", "half", "lost a piece", "junk manifest", "with a strangers file"]
nights = st.lists(
    st.builds(
        Planned,
        st.integers(0, 60) | st.integers(0, 500),
        st.sampled_from(STATES),
        st.booleans(),
        st.sampled_from([False] * 4 + [True]),
        st.sampled_from(["ours"] * 6 + [None, "forged"]),
    ),
    max_size=12,
    unique_by=lambda night: night.days,
)
STRANGE = [
    "database/README.txt",
    "database/by-hand/dump.sql.gz",
    "database/zz/manifest.json",
    "database/2026-1/a/00001.gz",
]


def newest_of_weeks_and_months(newest_first: list[Planned], weeks: int, months: int) -> Iterator[Planned]:
    """By walking back a calendar in Paris, where NOW is 4 o'clock on Saturday 21 November 2026."""
    monday, month = date(2026, 11, 16), date(2026, 11, 1)
    for _week in range(weeks):
        end = monday + timedelta(days=7)
        yield from [night for night in newest_first if monday <= night.day < end][:1]
        monday -= timedelta(days=7)
    for _month in range(months):
        yield from [night for night in newest_first if night.day.replace(day=1) == month][:1]
        month = (month - timedelta(days=1)).replace(day=1)


@hypothesis.settings(max_examples=examples(300), deadline=None)
@hypothesis.given(nights, st.integers(1, 30), st.integers(0, 9), st.integers(0, 14), st.sets(st.sampled_from(STRANGE)))
def test_of_any_store_what_must_stay_stays_and_the_rest_goes(planned, days, weeks, months, strange):
    """Against a reading of the rules that knows nothing of how cleanup keeps them.

    Some nights lie a year apart, and weeks and months of the calendar begin in the middle of what is kept.
    """
    store = Memory()
    for night in planned:
        night.put(store)
    for key in strange:
        store.put(key, b"content", NOW - timedelta(days=999))
    here = inventory.take(store)
    reasons = inventory.reasons_to_keep(here.exports, Policy(NOW, weeks, months))
    limit = NOW - timedelta(days=days)
    goes = {each.prefix for each in here.exports if each.prefix not in reasons and each.at < limit}

    good = sorted((night for night in planned if night.is_ours and night.state == "good"), key=lambda night: night.days)
    must_stay = {night.prefix for night in good[:3]}
    must_stay |= {night.prefix for night in [each for each in good if each.is_verified][:1]}
    must_stay |= {night.prefix for night in newest_of_weeks_and_months(good, weeks, months)}
    must_stay |= {night.prefix for night in planned if night.is_held or not night.is_ours or night.days <= days}
    assert goes == {night.prefix for night in planned} - must_stay
    assert set(here.strange) >= {night.prefix for night in planned if not night.is_ours}
    assert len(here.strange) == sum(not night.is_ours for night in planned) + len(strange)


@pytest.mark.django_db
def test_the_command_shows_ages_and_deletes_nothing_by_default(store):
    created = {export(store, days) for days in (10, 20, 30, 40)}
    out = StringIO()
    with time_machine.travel(NOW, tick=False), suppress(SystemExit):
        call_command("cleanup", "--days", "7", stdout=out)
    assert "40 jours" in out.getvalue()
    assert "--yes" in out.getvalue()
    assert prefixes(store) == created
    assert OperationRun.objects.get().result["deleted"] == []

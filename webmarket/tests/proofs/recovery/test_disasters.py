"""Five disasters, and the way back that docs/runbooks/recovery.md says, followed by a script: real MySQL servers and a
real shop that sells, and moto in the place of S3, KMS and RDS.

Each prints the recovery time, from the loss to the next order, and the recovery point: what was lost for good.
"""

import hashlib
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from webmarket.tests.proofs.hosts import wait_for
from webmarket.tests.proofs.mysql_pair import Member, follow
from webmarket.tests.proofs.recovery.conftest import new_key
from webmarket.tests.proofs.recovery.runbook import Section
from webmarket.tests.proofs.recovery.shop import Shop, collected

pytestmark = pytest.mark.proof
# Names that the page invents.
SOMEWHERE = "mysql://user:password@host:3306/webmarket_restored"
RESTORED, SNAPSHOT = "webmarket-production-restored-1", "snap-webmarket-production-2026-11-28-03-00"
HERE, THERE = "eu-west-3", "eu-central-1"
# Rows of operations, which a backup's own run changes after it was taken.
RUNS = "operations_operationrun"
PICTURES, DOCUMENTS = 300, 20


class Disaster:
    """Its clock, and what is printed of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.struck = time.monotonic()
        self.moment = datetime.now(UTC)
        self.steps: list[str] = []

    @contextmanager
    def judging(self) -> Iterator[None]:
        """The clock stands meanwhile: nobody who has a shop to recover would wait for it."""
        began = time.monotonic()
        yield
        self.struck += time.monotonic() - began

    def step(self, text: str) -> None:
        self.steps.append(f"  {time.monotonic() - self.struck:>6.1f} s  {text}")

    def ended(self, point: str) -> None:
        """Called when the first order is placed again."""
        self.step("an order is placed")
        print("\n".join(["", self.name, *self.steps, f"  lost for good: {point}"]), flush=True)

    def since(self, taken_at: str) -> float:
        return (self.moment - datetime.fromisoformat(taken_at)).total_seconds()


def sells(shop: Shop, disaster: Disaster, point: str) -> None:
    """Opens the shop that came back: its page is served, orders are placed, and its books agree afterwards."""
    with disaster.judging():
        judged = shop.judged("faults", "orders", "for_sale")
        assert judged["faults"] == []
    with shop.open():
        disaster.step("the shop is open")
        status, page = shop.get(judged["for_sale"][0][1])
        assert (status, "€" in page) == (200, True)
        (first,) = shop.buy(judged["for_sale"], 1)
        disaster.ended(point)
        placed = [first, *shop.buy(judged["for_sale"], 2)]
    after = shop.judged("faults", "orders")
    assert after == {"faults": [], "orders": [*judged["orders"], *placed]}


def without_runs(judged: dict[str, Any]) -> dict[str, Any]:
    return {table: content for table, content in judged["contents"].items() if table != RUNS}


def restored_name(server: Member, name: str) -> str:
    return server.url.replace("/webmarket", f"/{name}")


def test_the_database_is_lost(shop: Shop, server: Member, make_server, aws):
    section = Section("The database is lost")
    with shop.open():
        for_sale = shop.judged()["for_sale"]
        shop.buy(for_sale, 5)
        before = shop.judged()
        shop.type(["backup_manager", "--logical"])
        late = shop.buy(for_sale, 3)
    disaster = Disaster("The database is lost: its server is killed, its data are deleted")
    server.kill()
    server.remove()
    empty = make_server()
    disaster.step("an empty server runs")
    target = restored_name(empty, "webmarket_restored")
    done = shop.type(
        [*section.take("restore", **{"mysql://user:password@host:3306/webmarket_restored": target}), "--json"]
    )
    result = done.answer["result"]
    assert (result["content_checked"], result["faults"]) == (True, 0)
    disaster.step(f"restored and checked: {result['rows']} rows in {result['seconds']} s, {done.peak:.0f} MB of memory")
    moved = shop.moved_to(target)
    with disaster.judging():
        judged = moved.judged("contents", "orders")
        assert without_runs(judged) == without_runs(before)
        assert not set(late) & set(judged["orders"])
    sells(
        moved, disaster, f"{len(late)} orders, of the {disaster.since(result['recovery_point']):.0f} s since the backup"
    )
    moved.type(section.take("backup_manager"))
    moved.type(section.take("restore_check"))
    # Those of RDS: see the region that is lost.
    assert [line.split()[1:3] for line in section.left] == [["restore", "--rds"]] * 2


def test_a_table_was_emptied(shop: Shop, server: Member):
    section = Section("A table was emptied")
    (script,) = section.scripts
    table = "catalogue_priceentry"
    assert f'"{table}"' in script
    with shop.open():
        for_sale = shop.judged()["for_sale"]
        shop.buy(for_sale, 2)
        shop.type(["backup_manager", "--logical"])
        before = shop.judged()
        with shop.selling(for_sale) as confirmed:
            wait_for("orders come in", lambda: len(confirmed) > 1, seconds=60)
            with server.connected() as cursor:
                cursor.execute("SET foreign_key_checks = 0")
                lost = cursor.execute(f"DELETE FROM {table}")  # noqa: S608
            disaster = Disaster(f"A table was emptied while the shop sells: {table}, {lost} rows")
            assert f"{lost}" != "0"
            beside = f"mysql://127.0.0.1:{server.port}/webmarket_beside"
            shop.type(section.take("restore", **{"mysql://host:3306/webmarket_beside": beside}))
            disaster.step("restored beside the shop")
            answer = shop.type(["shell", "-v0"], given=script).output
            assert f"{lost} rows" in answer
            disaster.step(f"{lost} rows are back")
            count = len(confirmed)
            wait_for("the next order", lambda: len(confirmed) > count, seconds=60)
            disaster.ended(f"nothing; {len(confirmed)} orders came in meanwhile and stay")
    after = shop.judged()
    assert after["contents"][table] == before["contents"][table]
    assert after["faults"] == []
    assert after["orders"] == [*before["orders"], *confirmed]
    shop.type(section.take("backup_manager"))
    shop.type(section.take("restore_check"))
    assert section.left == []


@pytest.fixture
def buckets(aws, tmp_path) -> Iterator[Callable[..., dict[str, str]]]:
    """`buckets()` makes the shop's buckets with their versions; returns variables. `is_locked`: backups are, as in
    production; moto then refuses copies from bucket to bucket, which S3 takes."""

    # The account is new for each proof.
    collected.intersection_update({""})

    def make(*, is_locked: bool = False, **more: str) -> dict[str, str]:
        s3 = aws("s3", HERE)
        for name in ("files", "backups"):
            place = {"CreateBucketConfiguration": {"LocationConstraint": HERE}}
            s3.create_bucket(Bucket=f"webmarket-{name}", ObjectLockEnabledForBucket=is_locked, **place)
            s3.put_bucket_versioning(Bucket=f"webmarket-{name}", VersioningConfiguration={"Status": "Enabled"})
        if is_locked:
            lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 30}}}
            s3.put_object_lock_configuration(Bucket="webmarket-backups", ObjectLockConfiguration=lock)
        for number in range(PICTURES):
            s3.put_object(Bucket="webmarket-files", Key=f"media/produits/{number}.jpg", Body=b"picture %d" % number)
        for number in range(DOCUMENTS):
            s3.put_object(Bucket="webmarket-files", Key=f"documents/{number}.pdf", Body=b"document %d" % number)
        return {
            "BACKUP_BUCKET": "webmarket-backups",
            "AWS_STORAGE_BUCKET_NAME": "webmarket-files",
            "AWS_REGION": HERE,
            "BACKUP_SIGNING_KEY": str(new_key(tmp_path / "key.pem")),
            **more,
        }

    return make


def hashes(s3: Any, bucket: str) -> dict[str, str]:
    """Of the shop's own files."""
    return {
        entry["Key"]: hashlib.sha256(s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()).hexdigest()
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for entry in page.get("Contents", [])
        if entry["Key"].startswith(("media/", "documents/"))
    }


def delete_all(s3: Any, bucket: str, *folders: str) -> None:
    """Whatever is there, as somebody with the shop's rights may: older versions stay."""
    for folder in folders:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder):
            for entry in page.get("Contents", []):
                s3.delete_object(Bucket=bucket, Key=entry["Key"])


def test_files_are_lost(shop: Shop, server: Member, aws, buckets):
    section = Section("Files are lost")
    s3 = aws("s3", HERE)
    shop = shop.moved_to(server.url, **buckets())
    with shop.open():
        assert shop.get("/")[0] == 200
    copied = shop.type(["backup_manager", "--media", "--json"]).answer["result"]["media"]["copied"]
    assert copied == PICTURES + DOCUMENTS
    before = hashes(s3, "webmarket-files")
    s3.put_object(Bucket="webmarket-files", Key="media/produits/new.jpg", Body=b"since the copy")
    disaster = Disaster(f"Files are lost: {PICTURES} pictures and {DOCUMENTS} documents are deleted")
    delete_all(s3, "webmarket-files", "media/", "documents/")
    trial = shop.type([*section.take("restore --media --dry-run"), "--json"]).answer["result"]["media"]
    assert (trial["to_copy"], hashes(s3, "webmarket-files")) == (copied, {})
    shop.type(section.take("restore --media"))
    assert hashes(s3, "webmarket-files") == before
    disaster.step(f"{copied} files are back, each with its content")
    sells(shop, disaster, "1 file, made since the last copy")
    assert section.left == []


def replicate(aws: Callable) -> None:
    """S3's replication of production's buckets into the second region, which moto does not do."""
    here, there = aws("s3", HERE), aws("s3", THERE)
    for bucket in ("webmarket-files", "webmarket-backups"):
        place = {"CreateBucketConfiguration": {"LocationConstraint": THERE}}
        there.create_bucket(Bucket=f"{bucket}-copy", **place)
        for page in here.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for entry in page.get("Contents", []):
                body = here.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
                there.put_object(Bucket=f"{bucket}-copy", Key=entry["Key"], Body=body)
    collected.add("webmarket-files-copy")


def lose_the_region(aws: Callable, key: str) -> None:
    s3, rds, kms = (aws(service, HERE) for service in ("s3", "rds", "kms"))
    for bucket in ("webmarket-files", "webmarket-backups"):
        # Pages first: moto loses its place among what is deleted meanwhile.
        for page in list(s3.get_paginator("list_object_versions").paginate(Bucket=bucket)):
            for each in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
                s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
        s3.delete_bucket(Bucket=bucket)
    rds.delete_db_instance(DBInstanceIdentifier="webmarket", SkipFinalSnapshot=True)
    # By its id: moto fails where it is given the ARN.
    kms.disable_key(KeyId=key.rpartition("/")[2])


def test_a_region_is_lost(shop: Shop, server: Member, make_server, aws, buckets, tmp_path):
    section = Section("A region is lost")
    standby = make_server(is_filled=True)
    follow(standby, server)
    kms = aws("kms", HERE)
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    public = tmp_path / "backups.pub.pem"
    to_pem = ["/usr/bin/env", "openssl", "ec", "-pubin", "-inform", "DER", "-out", str(public)]
    subprocess.run(to_pem, input=kms.get_public_key(KeyId=key)["PublicKey"], check=True, capture_output=True)
    database = {"DATABASE_INSTANCE": "webmarket", "BACKUP_REGION": THERE}
    shop = shop.moved_to(server.url, **buckets(BACKUP_SIGNING_KEY=key, **database))
    instance(aws("rds", HERE), "webmarket")
    shop.type(["backup_manager"])
    with shop.open():
        for_sale = shop.judged()["for_sale"]
        before = shop.judged()
        shop.type(["backup_manager", "--logical", "--media"])
        files = hashes(aws("s3", HERE), "webmarket-files")
        replicate(aws)
        with shop.selling(for_sale) as confirmed:
            wait_for("orders come in", lambda: len(confirmed) > 4, seconds=120)
            disaster = Disaster("A region is lost: database, buckets, instance and key, while the shop sells")
            server.kill()
    server.remove()
    lose_the_region(aws, key)
    standby.do("STOP REPLICA")
    standby.do("RESET REPLICA ALL")
    disaster.step("the replica is promoted")
    there = {
        "AWS_REGION": THERE,
        "AWS_STORAGE_BUCKET_NAME": "webmarket-files-copy",
        "BACKUP_BUCKET": "webmarket-backups-copy",
        "BACKUP_SIGNING_KEY": "",
        "BACKUP_TRUSTED_KEYS": str(public),
        "BACKUP_REGION": "",
        "DATABASE_INSTANCE": "webmarket-standby",
    }
    opened = shop.moved_to(standby.url, **there)
    with disaster.judging():
        lost = set(confirmed) - set(opened.judged("orders")["orders"])
        assert hashes(aws("s3", THERE), "webmarket-files-copy") == files
    sells(opened, disaster, f"{len(lost)} of the {len(confirmed)} orders that came in at last; no file")

    # The replica has the mistake too, or is gone: the copies of the backups.
    disaster = Disaster("A region is lost, and the replica with it")
    target = restored_name(standby, "webmarket_restored")
    result = opened.type([*section.take("restore --into", **{SOMEWHERE: target}), "--json"]).answer["result"]
    disaster.step(f"restored and checked: {result['rows']} rows in {result['seconds']} s, by the public key alone")
    moved = opened.moved_to(target)
    with disaster.judging():
        assert without_runs(moved.judged("contents")) == without_runs(before)
    sells(moved, disaster, f"{len(confirmed)} orders since the backup")

    # RDS: the snapshot's copy, and the replica as the model of what is made.
    rds = aws("rds", THERE)
    instance(rds, "webmarket-standby")
    (copy,) = rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    name = copy["DBSnapshotIdentifier"]
    command = section.take("restore --rds", **{RESTORED: "webmarket-standby-restored-1", SNAPSHOT: name})
    restored = moved.type([*command, "--json"]).answer["result"]["instance"]
    assert restored["source"] == name
    assert section.left == []


def instance(rds: Any, name: str) -> None:
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.small",
        Engine="mysql",
        MasterUsername="a",
        MasterUserPassword="at least eight",
        AllocatedStorage=20,
        BackupRetentionPeriod=7,
    )


def test_an_attacker_deleted_backups(shop: Shop, server: Member, aws, buckets, make_server):
    section = Section("Somebody wrote to the backups, or deleted them")
    s3 = aws("s3", HERE)
    shop = shop.moved_to(server.url, **buckets(is_locked=True))
    with shop.open():
        assert shop.get("/")[0] == 200
    before = shop.judged()
    taken = shop.type(["backup_manager", "--logical", "--json"]).answer["result"]["backup"]
    forge(s3, taken["prefix"])
    locked = s3.list_object_versions(Bucket="webmarket-backups", Prefix=taken["prefix"])["Versions"]
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket="webmarket-backups", Key=locked[0]["Key"], VersionId=locked[0]["VersionId"])
    disaster = Disaster("An attacker deleted the backups, wrote a newer one of his own, and deleted the database")
    delete_all(s3, "webmarket-backups", taken["prefix"])
    server.kill()
    server.remove()
    empty = make_server()
    target = restored_name(empty, "webmarket_restored")
    command = section.take("restore --into", **{SOMEWHERE: target})
    refused = shop.type([*command[:3], "--json"], code=1).answer
    assert refused["result"]["code"] in {"backup_not_signed", "backup_wrongly_signed"}
    disaster.step("his backup is refused")
    undelete(s3, "webmarket-backups", "database/")
    disaster.step("the deleted objects are back")
    command = [taken["prefix"] if word.startswith("database/") else word for word in command]
    result = shop.type([*command, "--json"]).answer["result"]
    disaster.step(f"restored and checked: {result['rows']} rows in {result['seconds']} s")
    moved = shop.moved_to(target)
    with disaster.judging():
        assert without_runs(moved.judged("contents")) == without_runs(before)
    inventory = moved.type([*section.take("backup_inventory"), "--json"]).answer["result"]
    assert [each["name"] for each in inventory["backups"] if each["is_whole"]] == [taken["prefix"]]
    assert FORGED in str(inventory["left"])
    sells(moved, disaster, f"what was sold since the backup, {disaster.since(result['recovery_point']):.0f} s before")
    assert section.left == []


FORGED = "database/2999-01-01T00-00-00/"


def forge(s3: Any, prefix: str) -> None:
    """A whole backup under a later name, whose sums are right: an administrator of his own is in it."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket="webmarket-backups", Prefix=prefix):
        for entry in page["Contents"]:
            body = s3.get_object(Bucket="webmarket-backups", Key=entry["Key"])["Body"].read()
            name = entry["Key"].removeprefix(prefix)
            if name == "manifest.json":
                body = json.dumps({**json.loads(body.decode().replace(prefix, FORGED)), "release": "v666"}).encode()
                sums = hashlib.sha256(body).hexdigest().encode()
                put(s3, f"{FORGED}manifest.sha256", sums)
            if name != "manifest.sha256":
                put(s3, f"{FORGED}{name}", body)


def put(s3: Any, key: str, body: bytes) -> None:
    s3.put_object(Bucket="webmarket-backups", Key=key, Body=body, ChecksumAlgorithm="SHA256")


def undelete(s3: Any, bucket: str, prefix: str) -> None:
    """As the page says: the newest version of each is a marker, and goes."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for marker in page.get("DeleteMarkers", []):
            if marker["IsLatest"]:
                s3.delete_object(Bucket=bucket, Key=marker["Key"], VersionId=marker["VersionId"])

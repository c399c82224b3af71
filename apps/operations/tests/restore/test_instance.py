"""`restore --rds`: a new RDS instance from a snapshot, or from a moment; moto's, which restores nothing in it.

AWS is stricter: it takes no moment later than LatestRestorableTime (moto has none) nor before the retention, keeps the
source's engine and storage, and needs some ten minutes.
"""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from botocore.exceptions import ClientError
from django.core.management import call_command

from apps.operations.errors import OperationFailed
from apps.operations.services.backup.instance import _from_moment
from apps.operations.tests.restore.restored import State, manage

pytestmark = pytest.mark.django_db
NAME = "shop-restored-1"


@pytest.fixture
def rds(aws, settings, folder):
    settings.OPERATIONS = {**settings.OPERATIONS, "database_instance": "shop"}
    rds = aws("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="shop",
        DBInstanceClass="db.t4g.small",
        Engine="mysql",
        MasterUsername="a",
        MasterUserPassword="at least eight",
        AllocatedStorage=20,
        VpcSecurityGroupIds=["sg-12345678"],
    )
    return rds


def restored(rds) -> dict:
    (found,) = rds.describe_db_instances(DBInstanceIdentifier=NAME)["DBInstances"]
    return found


def test_the_newest_snapshot_becomes_an_instance_like_the_shops(rds):
    for name in ("snap-shop-2026-11-01-03-00", "snap-shop-2026-11-02-03-00"):
        rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier="shop")
    run = manage("restore", "--rds", NAME)
    assert run.state == State.SUCCEEDED, run.message
    assert run.result["instance"]["source"] == "snap-shop-2026-11-02-03-00"
    assert run.result["instance"]["endpoint"] in run.message
    found = restored(rds)
    assert found["DBInstanceClass"] == "db.t4g.small"
    assert found["DeletionProtection"]
    assert {"Key": "RestoredBy", "Value": "webmarket"} in found["TagList"]
    again = manage("restore", "--rds", NAME)
    assert (again.state, "s’appelle déjà" in again.message) == (State.FAILED, True)


def test_a_named_snapshot(rds):
    for name in ("snap-shop-2026-11-01-03-00", "snap-shop-2026-11-02-03-00"):
        rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier="shop")
    run = manage("restore", "--rds", NAME, "--backup", "snap-shop-2026-11-01-03-00")
    assert run.result["instance"]["source"] == "snap-shop-2026-11-01-03-00"
    lost = manage("restore", "--rds", f"{NAME}2", "--backup", "snap-shop-2020-01-01-03-00")
    assert (lost.state, "ne trouve pas" in lost.message) == (State.FAILED, True)


@pytest.mark.parametrize("moment", ["latest", "2026-11-20T09:55"])
def test_a_moment(rds, moment):
    run = manage("restore", "--rds", NAME, "--to-point-in-time", moment)
    assert run.state == State.SUCCEEDED, run.message
    assert restored(rds)["DBInstanceStatus"] == "available"


def test_a_dry_run_makes_nothing(rds):
    run = manage("restore", "--rds", NAME, "--to-point-in-time", "latest", "--dry-run")
    assert run.state == State.SUCCEEDED, run.message
    with pytest.raises(ClientError):
        restored(rds)


def test_without_a_snapshot_it_says_what_to_do(rds):
    run = manage("restore", "--rds", NAME)
    assert (run.state, "--to-point-in-time" in run.message) == (State.FAILED, True)


def test_a_moment_that_rds_cannot_restore_is_refused_before_the_call():
    last = datetime(2026, 11, 20, 9, tzinfo=UTC)
    shop = {"DBInstanceIdentifier": "shop", "LatestRestorableTime": last}
    with pytest.raises(OperationFailed, match="20/11/2026 10:00:00"):
        _from_moment(shop, "2026-11-20T10:01")
    given = _from_moment(shop, "2026-11-20T09:59")["given"]
    assert given["RestoreTime"] == last - timedelta(minutes=1)
    assert _from_moment(shop, "latest")["given"]["UseLatestRestorableTime"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--rds", "Shop"], "minuscules"),
        (["--rds", "a--b"], "minuscules"),
        (["--rds", "a-"], "minuscules"),
        (["--rds", NAME, "--into", "sqlite:////tmp/x"], "pas les deux"),
        (["--to-point-in-time", "latest", "--media"], "--rds"),
        (["--rds", NAME, "--to-point-in-time", "yesterday"], "latest"),
        (["--rds", NAME, "--to-point-in-time", "2026-02-30T09:00"], "latest"),
        (["--rds", NAME, "--to-point-in-time", "latest", "--backup", "snap-shop-1"], "pas les deux"),
    ],
)
def test_options_that_do_not_go_together_are_refused(rds, arguments, says):
    errors = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("restore", *arguments, stdout=StringIO(), stderr=errors)
    assert ended.value.code == 2
    assert says in errors.getvalue()

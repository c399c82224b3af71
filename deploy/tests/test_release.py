"""A release by its steps, and the ways back."""

import json
import time

import boto3
import pytest

from .conftest import NEW, OLD

URL = "https://staging.shop.example"


@pytest.fixture
def roll_out(step, refreshes, programs, monkeypatch):
    def run(*more: str) -> int:
        arguments = ["roll_out", "--environment", "staging", "--release", "v2", "--url", URL, *more]
        monkeypatch.setattr("sys.argv", arguments)
        return step("roll_out").main()

    return run


@pytest.fixture
def roll_back(step, refreshes, monkeypatch):
    def run(*more: str) -> int:
        monkeypatch.setattr("sys.argv", ["roll_back", "--environment", "staging", *more])
        return step("roll_back").main()

    return run


def refused():
    import release

    return release.Refused


def stored(name: str) -> str:
    return boto3.client("ssm").get_parameter(Name=f"/webmarket/staging/{name}")["Parameter"]["Value"]


def snapshots() -> list[str]:
    found = boto3.client("rds").describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    return [snapshot["DBSnapshotIdentifier"] for snapshot in found]


def newest(role: str) -> str:
    template = boto3.client("ec2").describe_launch_template_versions(
        LaunchTemplateName=f"webmarket-staging-{role}", Versions=["$Latest"]
    )
    return template["LaunchTemplateVersions"][0]["LaunchTemplateData"]["ImageId"]


def test_refreshes_workers_then_web(roll_out, refreshes, programs):
    assert roll_out() == 0
    assert refreshes.fleets == ["workers", "web"]
    assert [refreshes.image_started(number) for number in (0, 1)] == [NEW, NEW]
    assert [name for name, *_ in programs] == ["migrate", "smoke_test"]
    assert stored("image-id") == NEW
    assert json.loads(stored("release"))["release"] == "v2"


def test_makes_the_edge_fetch_pages_again(roll_out):
    distribution = boto3.client("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": "one",
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [{"Id": "shop", "DomainName": "shop.example"}]},
            "DefaultCacheBehavior": {"TargetOriginId": "shop", "ViewerProtocolPolicy": "https-only"},
        }
    )["Distribution"]["Id"]
    assert roll_out("--distribution", distribution) == 0
    edge = boto3.client("cloudfront")
    (invalidation,) = edge.list_invalidations(DistributionId=distribution)["InvalidationList"]["Items"]
    batch = edge.get_invalidation(DistributionId=distribution, Id=invalidation["Id"])["Invalidation"][
        "InvalidationBatch"
    ]
    assert "/rayon/*" in batch["Paths"]["Items"]


def test_lets_an_alarm_roll_a_refresh_back(roll_out, refreshes):
    roll_out()
    preferences = refreshes.started[1]["Preferences"]
    assert preferences["AutoRollback"] is True
    assert preferences["MinHealthyPercentage"] == 100
    assert "webmarket-staging-server-errors" in preferences["AlarmSpecification"]["Alarms"]


def test_keeps_a_snapshot_first(roll_out):
    roll_out()
    assert [name[:28] for name in snapshots()] == ["webmarket-staging-before-v2-"]


def test_refreshes_nothing_when_migrations_fail(roll_out, refreshes, programs):
    programs.codes["migrate"] = 1
    with pytest.raises(refused()):
        roll_out()
    assert refreshes.started == []


def test_rolls_every_fleet_back_when_one_rolls_back(roll_out, refreshes):
    refreshes.failing.add("webmarket-staging-web")
    with pytest.raises(refused(), match="An alarm went off"):
        roll_out()
    assert refreshes.fleets == ["workers", "web", "workers"]
    assert newest("workers") == newest("web") == OLD
    groups = boto3.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert {group["LaunchTemplate"]["Version"] for group in groups} == {"3"}


def test_leads_every_fleet_back_when_aws_refuses_one(roll_out, refreshes):
    refreshes.refused.add("webmarket-staging-web")
    with pytest.raises(refused(), match="InstanceRefreshInProgress"):
        roll_out()
    assert refreshes.fleets == ["workers", "workers"]
    assert newest("workers") == newest("web") == OLD
    groups = boto3.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert {group["LaunchTemplate"]["Version"] for group in groups} == {"3"}


def test_names_the_fleet_that_cannot_be_led_back(roll_out, refreshes):
    refreshes.refused.add("webmarket-staging-web")
    refreshes.refused_then.add("webmarket-staging-workers")
    with pytest.raises(refused(), match="webmarket-staging-workers is not back at version 1") as raised:
        roll_out()
    assert "webmarket-staging-web is not back" not in str(raised.value)


def test_a_second_release_changes_nothing(roll_out, refreshes, programs):
    refreshes.going.add("webmarket-staging-web")
    with pytest.raises(refused(), match="webmarket-staging-web are being refreshed"):
        roll_out()
    assert (refreshes.started, programs, snapshots(), newest("workers")) == ([], [], [], OLD)


def test_rolls_back_when_the_smoke_test_fails(roll_out, refreshes, programs, step):
    boto3.client("ssm").put_parameter(
        Name="/webmarket/staging/release", Value=json.dumps({"release": "v1", "image": OLD}), Type="String"
    )
    programs.codes["smoke_test"] = 1
    with pytest.raises(refused(), match="does not serve"):
        roll_out()
    assert refreshes.fleets == ["workers", "web", "workers", "web"]
    assert newest("web") == OLD
    assert json.loads(stored("release"))["release"] == "v1"


def test_a_dry_run_changes_nothing(roll_out, refreshes, programs):
    assert roll_out("--dry-run") == 0
    assert refreshes.started == []
    assert programs == []
    assert snapshots() == []
    assert newest("web") == OLD


def test_a_release_without_an_image_is_refused(step, refreshes, monkeypatch):
    arguments = ["roll_out", "--environment", "staging", "--release", "v9", "--url", URL]
    monkeypatch.setattr("sys.argv", arguments)
    with pytest.raises(refused(), match="build_image --release v9"):
        step("roll_out").main()


def test_rolls_back_to_the_release_before(roll_out, roll_back, refreshes):
    boto3.client("ssm").put_parameter(
        Name="/webmarket/staging/release", Value=json.dumps({"release": "v1", "image": OLD}), Type="String"
    )
    roll_out()
    assert roll_back() == 0
    assert refreshes.fleets == ["workers", "web", "workers", "web"]
    assert newest("web") == OLD
    assert stored("image-id") == OLD


def test_rolls_back_a_refresh_in_progress(roll_back, refreshes):
    refreshes.going.add("webmarket-staging-web")
    assert roll_back() == 0
    assert refreshes.turned == ["webmarket-staging-web"]
    assert refreshes.started == []


def cancelled(*roles: str) -> None:
    """v1 is current, v0 before it; the job that released v2 ended once these fleets had its image."""
    before = {"release": "v0", "image": "ami-0cccccccccccccccc"}
    boto3.client("ssm").put_parameter(
        Name="/webmarket/staging/release",
        Value=json.dumps({"release": "v1", "image": OLD, "before": before}),
        Type="String",
    )
    for role in roles:
        name = f"webmarket-staging-{role}"
        boto3.client("ec2").create_launch_template_version(
            LaunchTemplateName=name, SourceVersion="1", LaunchTemplateData={"ImageId": NEW}
        )
        boto3.client("autoscaling").update_auto_scaling_group(
            AutoScalingGroupName=name, LaunchTemplate={"LaunchTemplateName": name, "Version": "2"}
        )


def test_undoes_a_release_that_was_cancelled_half_way(roll_back, refreshes):
    cancelled("workers")
    refreshes.going.add("webmarket-staging-web")
    assert roll_back() == 0
    assert refreshes.turned == ["webmarket-staging-web"]
    assert newest("workers") == newest("web") == OLD
    stored_release = json.loads(stored("release"))
    assert (stored_release["release"], stored_release["before"]["release"]) == ("v1", "v0")


def test_a_release_that_never_ended_is_not_counted_as_one(roll_back, refreshes):
    cancelled("workers", "web")
    assert roll_back() == 0
    assert newest("workers") == newest("web") == OLD
    assert json.loads(stored("release"))["release"] == "v1"


def test_a_second_roll_back_goes_one_release_further(roll_back, refreshes):
    cancelled("workers")
    assert roll_back() == 0
    assert roll_back() == 0
    assert newest("web") == "ami-0cccccccccccccccc"
    assert json.loads(stored("release"))["release"] == "v0"


def test_without_a_release_before_it_asks_which(roll_back):
    with pytest.raises(refused(), match="--to"):
        roll_back()


def test_migrates_from_one_instance_of_the_image_and_ends_it(step, refreshes, monkeypatch):
    monkeypatch.setattr("sys.argv", ["migrate", "--environment", "staging", "--release", "v2"])
    assert step("migrate").main() == 0
    ec2 = boto3.client("ec2")
    instances = [found for group in ec2.describe_instances()["Reservations"] for found in group["Instances"]]
    assert [(found["ImageId"], found["State"]["Name"]) for found in instances] == [(NEW, "terminated")]
    commands = boto3.client("ssm").list_commands()["Commands"]
    assert "systemctl start webmarket-migrate.service" in commands[0]["Parameters"]["commands"]


def test_migrates_in_the_role_that_alone_is_given_the_master_password(step):
    import release

    template = {"LaunchTemplateId": "lt-1", "Version": "1"}
    asked = step("migrate").one_instance(template, release.Environment("staging"), NEW, "subnet-1")
    assert asked["IamInstanceProfile"] == {"Name": "webmarket-staging-migrate"}
    assert "WEBMARKET_ROLE=migrate" in asked["UserData"]
    # An instance whose starter is killed ends by itself.
    assert "shutdown -P +60" in asked["UserData"]
    assert asked["InstanceInitiatedShutdownBehavior"] == "terminate"


LOCK = "/webmarket/staging/release-lock"


def locks() -> list[str]:
    found = boto3.client("ssm").describe_parameters()["Parameters"]
    return [one["Name"] for one in found if one["Name"] == LOCK]


def lock(*, what: str, seconds: int = 3600) -> None:
    value = {"token": "another", "by": "somebody", "what": what, "until": time.time() + seconds}
    boto3.client("ssm").put_parameter(Name=LOCK, Value=json.dumps(value), Type="String", Overwrite=True)


@pytest.mark.parametrize("ends_well", [True, False])
def test_a_release_holds_the_lock_until_it_ends(roll_out, programs, ends_well):
    if ends_well:
        roll_out()
    else:
        programs.codes["migrate"] = 1
        with pytest.raises(refused()):
            roll_out()
    assert locks() == []


def test_a_second_release_waits_for_the_lock_and_changes_nothing(roll_out, refreshes, programs):
    lock(what="roll_out")
    with pytest.raises(refused(), match="somebody is at work on staging"):
        roll_out()
    assert (refreshes.started, programs, snapshots(), locks()) == ([], [], [], [LOCK])


def test_a_lock_that_its_owner_left_ends(roll_out, refreshes):
    lock(what="roll_out", seconds=-1)
    assert roll_out() == 0
    assert refreshes.fleets == ["workers", "web"]
    assert locks() == []


def test_a_roll_back_ends_a_release_and_waits_for_another_roll_back(roll_back, refreshes):
    cancelled("workers")
    lock(what="roll_back")
    with pytest.raises(refused(), match="somebody is at work"):
        roll_back()
    assert refreshes.started == []
    lock(what="roll_out")
    assert roll_back() == 0
    assert newest("workers") == OLD
    assert locks() == []


def test_a_release_that_was_taken_over_changes_nothing_more(roll_out, refreshes, monkeypatch):
    boto3.client("ssm").put_parameter(Name="/webmarket/staging/release", Value='{"release": "v1"}', Type="String")
    answer = refreshes.answer

    def taken_over(operation: str, asked: dict) -> dict | None:
        answered = answer(operation, asked)
        if operation == "StartInstanceRefresh" and asked["AutoScalingGroupName"].endswith("-web"):
            lock(what="roll_back")
        return answered

    refreshes.failing.add("webmarket-staging-web")
    monkeypatch.setattr(refreshes, "answer", taken_over)
    with pytest.raises(refused(), match="somebody has taken this release over"):
        roll_out()
    # Leading fleets back is left to the roll-back, and so is the record.
    assert refreshes.fleets == ["workers", "web"]
    assert json.loads(stored("release")) == {"release": "v1"}
    assert locks() == [LOCK]

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import boto3
import pytest
from botocore.exceptions import ClientError

from apps.operations.errors import OperationFailed
from apps.operations.models import OperationRun
from apps.operations.runs.report import Reporter
from apps.operations.services.timetable import machines
from apps.operations.services.timetable.daily_scheduler import daily_scheduler, saved_this_month
from apps.operations.services.timetable.plan import read_timetables

PARIS = ZoneInfo("Europe/Paris")
# A Thursday: eleven in the morning, and eleven at night.
DAY = datetime(2026, 11, 19, 11, tzinfo=PARIS)
NIGHT = datetime(2026, 11, 19, 23, tzinfo=PARIS)
DEV = {"Key": "Environment", "Value": "dev"}


def run(action="apply", *, now=DAY, dry_run=False):
    return daily_scheduler(action=action, dry_run=dry_run, report=Reporter(), now=now)


def is_up_by(written: str, moment: str) -> bool:
    return read_timetables(written, "Europe/Paris")[""].is_up(datetime.fromisoformat(moment))


class TestTimetable:
    @pytest.mark.parametrize(
        ("moment", "is_up"),
        [
            ("2026-11-19T07:59:59+01:00", False),
            ("2026-11-19T08:00:00+01:00", True),
            ("2026-11-19T19:59:59+01:00", True),
            ("2026-11-19T20:00:00+01:00", False),
            ("2026-11-21T11:00:00+01:00", False),  # Saturday
            ("2026-11-11T11:00:00+01:00", False),  # Armistice
            ("2026-04-06T11:00:00+02:00", False),  # Easter Monday
            ("2026-05-14T11:00:00+02:00", False),  # Ascension
            # The clocks went back on 25 October: seven in UTC is eight in Paris from the Monday on.
            ("2026-10-23T06:30:00+00:00", True),
            ("2026-10-26T06:30:00+00:00", False),
            ("2026-10-26T07:00:00+00:00", True),
        ],
    )
    def test_hours_days_and_public_holidays_by_the_clock_on_the_wall(self, moment, is_up):
        assert is_up_by("mon-fri 08:00-20:00", moment) is is_up

    @pytest.mark.parametrize(
        ("written", "moment", "is_up"),
        [
            # Nights belong to the day on which they begin.
            ("sun-thu 22:00-06:00", "2026-11-19T21:59:59+01:00", False),
            ("sun-thu 22:00-06:00", "2026-11-19T22:00:00+01:00", True),
            ("sun-thu 22:00-06:00", "2026-11-20T05:59:59+01:00", True),
            ("sun-thu 22:00-06:00", "2026-11-20T06:00:00+01:00", False),
            ("sun-thu 22:00-06:00", "2026-11-20T23:00:00+01:00", False),  # Friday
            ("sun-thu 22:00-06:00", "2026-11-21T03:00:00+01:00", False),
            ("sun-thu 22:00-06:00", "2026-11-22T23:00:00+01:00", True),  # Sunday
            # The night before Armistice ends in its morning; none begins on it.
            ("mon-sun 22:00-06:00", "2026-11-11T05:00:00+01:00", True),
            ("mon-sun 22:00-06:00", "2026-11-11T23:00:00+01:00", False),
            ("mon-sun 22:00-06:00", "2026-11-12T05:00:00+01:00", False),
            # The hour that comes twice in autumn, and what spring leaves out.
            ("sat 22:00-03:00", "2026-10-25T00:30:00+00:00", True),
            ("sat 22:00-03:00", "2026-10-25T01:30:00+00:00", True),
            ("sat 22:00-03:00", "2026-10-25T02:00:00+00:00", False),
            ("sat 22:00-03:00", "2026-03-29T00:59:00+00:00", True),
            ("sat 22:00-03:00", "2026-03-29T01:00:00+00:00", False),
            # Several stretches.
            ("mon-fri 08:00-12:30, mon-thu 14:00-20:00", "2026-11-19T12:29:00+01:00", True),
            ("mon-fri 08:00-12:30, mon-thu 14:00-20:00", "2026-11-19T12:30:00+01:00", False),
            ("mon-fri 08:00-12:30, mon-thu 14:00-20:00", "2026-11-19T14:00:00+01:00", True),
            ("mon-fri 08:00-12:30, mon-thu 14:00-20:00", "2026-11-20T14:00:00+01:00", False),
            ("sat 00:00-24:00", "2026-11-21T23:59:59+01:00", True),
            ("sat 00:00-24:00", "2026-11-22T00:00:00+01:00", False),
        ],
    )
    def test_nights_and_several_stretches(self, written, moment, is_up):
        assert is_up_by(written, moment) is is_up

    @pytest.mark.parametrize(
        ("written", "zone"),
        [
            ("always", "Europe/Paris"),
            ("mon-fri 08:00-08:00", "Europe/Paris"),
            ("mon-fri 24:00-08:00", "Europe/Paris"),
            ("mon-fri 08:00-25:00", "Europe/Paris"),
            ("mon-fri 08:00-12:00,", "Europe/Paris"),
            ("mon-fri 08:00-12:00; tue 08:00-12:00", "Europe/Paris"),
            ("night=mon 22:00-06:00; NIGHT=tue 22:00-06:00", "Europe/Paris"),
            ("night=", "Europe/Paris"),
            ("mon-fri 08:00-20:00", "Europe/Lyon"),
        ],
    )
    def test_what_cannot_be_read_is_said(self, written, zone):
        with pytest.raises(OperationFailed, match="DEV_TIME"):
            read_timetables(written, zone)


@pytest.fixture
def account(aws, settings, db):
    settings.OPERATIONS = {**settings.OPERATIONS, "dev_timetable": "mon-fri 08:00-20:00"}
    return aws


class TestInstances:
    @pytest.fixture
    def ec2(self, account):
        return account("ec2")

    def launch(self, ec2, *tags, **more) -> str:
        image = "ami-12c6146b"
        created = ec2.run_instances(
            ImageId=image,
            MinCount=1,
            MaxCount=1,
            InstanceType="t3.micro",
            TagSpecifications=[{"ResourceType": "instance", "Tags": list(tags)}] if tags else [],
            **more,
        )
        return created["Instances"][0]["InstanceId"]

    def state(self, ec2, name) -> str:
        (found,) = ec2.describe_instances(InstanceIds=[name])["Reservations"]
        return found["Instances"][0]["State"]["Name"]

    def test_dev_sleeps_at_night_and_comes_back_in_the_morning(self, ec2):
        dev, staging = self.launch(ec2, DEV), self.launch(ec2, {"Key": "Environment", "Value": "staging"})
        bare = self.launch(ec2)
        assert run(now=NIGHT).data["stopped"] == [dev]
        assert [self.state(ec2, each) for each in (dev, staging, bare)] == ["stopped", "running", "running"]
        assert run(now=NIGHT + timedelta(minutes=5)).is_idle
        morning = run(now=NIGHT + timedelta(hours=10))
        assert morning.data["started"] == [dev]
        assert self.state(ec2, dev) == "running"
        # Ten hours of a t3.micro at 0.0118 $, at 0.86 € for a dollar.
        assert morning.data["saved_euros"] == "0.10"

    @pytest.mark.parametrize("tag", [("Timetable", "night"), ("timetable", " NIGHT ")])
    def test_a_tag_names_another_timetable(self, ec2, settings, tag):
        written = "mon-fri 08:00-20:00; night=mon-fri 22:00-06:00"
        settings.OPERATIONS = {**settings.OPERATIONS, "dev_timetable": written}
        by_day, by_night = self.launch(ec2, DEV), self.launch(ec2, DEV, {"Key": tag[0], "Value": tag[1]})
        assert run(now=DAY).data["stopped"] == [by_night]
        night = run(now=NIGHT).data
        assert (night["stopped"], night["started"]) == ([by_day], [by_night])

    def test_one_whose_timetable_nobody_knows_is_left_and_named(self, ec2, settings):
        settings.OPERATIONS = {**settings.OPERATIONS, "dev_timetable": "night=mon-fri 22:00-06:00"}
        unknown = self.launch(ec2, DEV, {"Key": "Timetable", "Value": "nihgt"}, {"Key": "Name", "Value": "web"})
        bare = self.launch(ec2, DEV)
        outcome = run(now=DAY)
        assert (outcome.ok, outcome.is_idle) == (False, False)
        assert "Timetable=nihgt" in outcome.data["failed"][unknown]
        assert outcome.data["failed"][unknown].endswith("night)")
        assert list(outcome.data["kept"]) == [bare]
        assert [self.state(ec2, each) for each in (unknown, bare)] == ["running", "running"]
        # Without a timetable, a person starts and stops it all the same.
        assert set(run("stop", now=DAY).data["stopped"]) == {unknown, bare}

    def test_nothing_is_done_twice_or_in_a_dry_run(self, ec2):
        dev = self.launch(ec2, DEV)
        assert run(now=NIGHT, dry_run=True).data["stopped"] == [dev]
        assert self.state(ec2, dev) == "running"
        assert run(now=DAY).is_idle

    def test_what_a_person_stopped_stays_down_unless_a_person_starts_it(self, ec2):
        dev = self.launch(ec2, DEV)
        ec2.stop_instances(InstanceIds=[dev])
        assert run(now=DAY).data["kept"] == {dev: "arrêtée par quelqu’un"}
        assert run("start", now=NIGHT).data["started"] == [dev]

    @pytest.mark.parametrize(
        "tag", [("Stage", "prod"), ("environment", "Production"), ("Name", "PROD"), ("environment", " prod ")]
    )
    def test_whatever_is_tagged_production_is_refused(self, ec2, tag):
        both = self.launch(ec2, DEV, {"Key": tag[0], "Value": tag[1]})
        assert list(run("stop", now=NIGHT).data["refused"]) == [both]
        assert self.state(ec2, both) == "running"

    @pytest.mark.parametrize("attribute", ["DisableApiTermination", "DisableApiStop"])
    @pytest.mark.parametrize("dry_run", [False, True])
    def test_one_that_is_protected_is_refused(self, ec2, attribute, dry_run):
        dev = self.launch(ec2, DEV)
        ec2.modify_instance_attribute(InstanceId=dev, **{attribute: {"Value": True}})
        outcome = run(now=NIGHT, dry_run=dry_run)
        assert "protégée" in outcome.data["refused"][dev]
        assert (outcome.data["stopped"], self.state(ec2, dev)) == ([], "running")

    def test_where_its_protection_cannot_be_read_it_is_left(self, ec2, monkeypatch):
        dev = self.launch(ec2, DEV)
        real = machines.client

        def client(service, region=None):
            created = real(service, region)
            if service == "ec2":

                def refuse(**_):
                    raise ClientError(
                        {"Error": {"Code": "UnauthorizedOperation", "Message": ""}}, "DescribeInstanceAttribute"
                    )

                created.describe_instance_attribute = refuse
            return created

        monkeypatch.setattr(machines, "client", client)
        assert "DescribeInstanceAttribute" in run(now=NIGHT).data["refused"][dev]
        assert self.state(ec2, dev) == "running"

    def test_lines_name_it_beside_its_id(self, ec2):
        dev = self.launch(ec2, DEV, {"Key": "Name", "Value": "webmarket-dev-web"})
        report = Reporter()
        outcome = daily_scheduler(action="stop", dry_run=False, report=report, now=NIGHT)
        assert f"{dev} (webmarket-dev-web)" in report.lines[-1]
        assert outcome.data["names"][dev] == f"{dev} (webmarket-dev-web)"

    @pytest.mark.parametrize(
        ("written", "stays"),
        [
            ("2026-11-19", True),  # the whole day
            ("2026-11-18", False),
            ("2026-11-19T23:30", True),
            ("2026-11-19T22:30", False),
            ("2026-11-19T22:30+00:00", True),
            ("demain", True),
        ],
    )
    def test_a_tag_keeps_it_up_until_its_moment(self, ec2, written, stays):
        dev = self.launch(ec2, DEV, {"Key": "KeepUpUntil", "Value": written})
        outcome = run(now=NIGHT)
        assert (dev in outcome.data["kept"]) is stays
        assert self.state(ec2, dev) == ("running" if stays else "stopped")

    def test_who_dies_between_the_start_and_the_tag_loses_nothing(self, ec2):
        dev = self.launch(ec2, DEV)
        run(now=NIGHT)
        ec2.start_instances(InstanceIds=[dev])  # The worker died before it took the tag off.
        run(now=DAY + timedelta(days=1))
        ec2.stop_instances(InstanceIds=[dev])
        assert dev in run(now=DAY + timedelta(days=1, hours=1)).data["kept"]

    def test_a_type_without_a_price_is_named_and_not_counted(self, ec2):
        image = "ami-12c6146b"
        tags = [{"ResourceType": "instance", "Tags": [DEV]}]
        ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="x1e.32xlarge", TagSpecifications=tags)
        run(now=NIGHT)
        morning = run(now=NIGHT + timedelta(hours=10))
        assert (morning.data["unpriced"], morning.data["saved_euros"]) == (["x1e.32xlarge"], "0.00")

    def test_what_aws_refuses_is_said_and_the_others_follow(self, ec2, monkeypatch):
        first, second = self.launch(ec2, DEV), self.launch(ec2, DEV)
        real = machines.client

        def client(service, region=None):
            created = real(service, region)
            if service != "ec2":
                return created
            stop = created.stop_instances

            def refuse(**asked):
                if asked["InstanceIds"] == [first]:
                    raise ClientError({"Error": {"Code": "UnauthorizedOperation", "Message": ""}}, "StopInstances")
                return stop(**asked)

            created.stop_instances = refuse
            return created

        monkeypatch.setattr(machines, "client", client)
        outcome = run(now=NIGHT)
        assert not outcome.ok
        assert "StopInstances" in outcome.data["failed"][first]
        assert outcome.data["stopped"] == [second]

    @pytest.mark.parametrize(
        ("tag", "reason"), [(("Stage", "prod"), "Stage=prod"), (("Environment", "staging"), "plus étiquetée")]
    )
    def test_what_is_tagged_between_the_listing_and_the_act_is_left(self, ec2, tag, reason, monkeypatch):
        dev = self.launch(ec2, DEV)
        listed = machines.machines()
        ec2.create_tags(Resources=[dev], Tags=[{"Key": tag[0], "Value": tag[1]}])
        monkeypatch.setattr(machines, "machines", lambda: listed)
        outcome = run(now=NIGHT)
        assert reason in outcome.data["refused"][dev]
        assert (outcome.data["stopped"], self.state(ec2, dev)) == ([], "running")


class TestGroups:
    @pytest.fixture
    def groups(self, account):
        groups = account("autoscaling")
        image = "ami-12c6146b"
        groups.create_launch_configuration(
            LaunchConfigurationName="dev", ImageId=image, InstanceType="t3.small", KeyName="none"
        )
        groups.create_auto_scaling_group(
            AutoScalingGroupName="dev",
            LaunchConfigurationName="dev",
            MinSize=1,
            MaxSize=4,
            DesiredCapacity=2,
            AvailabilityZones=["eu-west-3a"],
            Tags=[{**DEV, "PropagateAtLaunch": True}],
        )
        return groups

    def sizes(self, groups) -> tuple[int, int]:
        (group,) = groups.describe_auto_scaling_groups()["AutoScalingGroups"]
        return group["MinSize"], group["DesiredCapacity"]

    def test_a_group_sleeps_and_comes_back_as_large_as_it_was(self, groups):
        assert run(now=NIGHT).data["stopped"] == ["dev"]
        assert self.sizes(groups) == (0, 0)
        assert run(now=NIGHT + timedelta(hours=1)).is_idle
        morning = run(now=NIGHT + timedelta(hours=10))
        assert morning.data["started"] == ["dev"]
        assert self.sizes(groups) == (1, 2)
        # Two t3.small for ten hours: 2 × 10 × 0.0236 $ × 0.86.
        assert morning.data["saved_euros"] == "0.41"

    def test_a_group_tagged_since_the_listing_is_left(self, groups, monkeypatch):
        listed = machines.machines()
        prod = {"Key": "Stage", "Value": "prod", "PropagateAtLaunch": False}
        groups.create_or_update_tags(Tags=[{**prod, "ResourceId": "dev", "ResourceType": "auto-scaling-group"}])
        monkeypatch.setattr(machines, "machines", lambda: listed)
        assert list(run(now=NIGHT).data["refused"]) == ["dev"]
        assert self.sizes(groups) == (1, 2)

    def test_its_instances_are_not_stopped_one_by_one(self, groups, account):
        assert run(now=NIGHT, dry_run=True).data["stopped"] == ["dev"]

    def test_a_group_that_somebody_emptied_stays_empty(self, groups):
        groups.update_auto_scaling_group(AutoScalingGroupName="dev", MinSize=0, DesiredCapacity=0)
        assert run(now=DAY).data["started"] == []
        assert "dev" in run("start").data["refused"]
        assert self.sizes(groups) == (0, 0)


class TestDatabases:
    @pytest.fixture
    def rds(self, account):
        rds = account("rds")
        for name, tags in (("dev", [DEV]), ("shop", [{"Key": "Environment", "Value": "production"}])):
            rds.create_db_instance(
                DBInstanceIdentifier=name,
                DBInstanceClass="db.t4g.micro",
                Engine="mysql",
                MasterUsername="a",
                MasterUserPassword="at least eight",
                AllocatedStorage=20,
                Tags=tags,
            )
        return rds

    def states(self, rds) -> dict[str, str]:
        found = rds.describe_db_instances()["DBInstances"]
        return {each["DBInstanceIdentifier"]: each["DBInstanceStatus"] for each in found}

    def test_the_database_sleeps_and_comes_back(self, rds):
        assert run(now=NIGHT).data["stopped"] == ["dev"]
        assert self.states(rds) == {"dev": "stopped", "shop": "available"}
        assert run(now=NIGHT + timedelta(hours=10)).data["started"] == ["dev"]
        assert self.states(rds) == {"dev": "available", "shop": "available"}

    def test_one_that_went_or_was_tagged_since_the_listing_is_left(self, rds, monkeypatch):
        listed = machines.machines()
        monkeypatch.setattr(machines, "machines", lambda: listed)
        arn = rds.describe_db_instances(DBInstanceIdentifier="dev")["DBInstances"][0]["DBInstanceArn"]
        rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "Environment", "Value": "production"}])
        assert list(run(now=NIGHT).data["refused"]) == ["dev"]
        assert self.states(rds)["dev"] == "available"
        rds.delete_db_instance(DBInstanceIdentifier="dev", SkipFinalSnapshot=True)
        assert list(run(now=NIGHT).data["refused"]) == ["dev"]

    def test_what_its_name_or_its_protection_says_is_heard(self, rds):
        for name, more in (("webmarket-prod-copy", {}), ("quiet", {"DeletionProtection": True})):
            rds.create_db_instance(
                DBInstanceIdentifier=name,
                DBInstanceClass="db.t4g.micro",
                Engine="mysql",
                MasterUsername="a",
                MasterUserPassword="at least eight",
                AllocatedStorage=20,
                Tags=[DEV],
                **more,
            )
        outcome = run(now=NIGHT)
        assert set(outcome.data["refused"]) == {"webmarket-prod-copy", "quiet"}
        assert outcome.data["stopped"] == ["dev"]

    def test_one_that_aws_restarted_after_a_week_is_stopped_again(self, rds):
        run(now=NIGHT)
        rds.start_db_instance(DBInstanceIdentifier="dev")
        report = Reporter()
        later = NIGHT + timedelta(days=7)
        outcome = daily_scheduler(action="apply", dry_run=False, report=report, now=later)
        assert outcome.data["stopped"] == ["dev"]
        assert "AWS l’avait relancée" in report.lines[-1]
        assert self.states(rds)["dev"] == "stopped"


# Words of production as people write them, and words that are none though they hold its letters.
SMELLS = ["prod", "PROD", "Prod", "production", "Production", "PRODUCTION", "prd", "live", "Live", "LIVE"]
CLEAN = ["dev", "web", "eu", "products", "Produit", "producer", "delivery", "olive", "alive", "Livraison", "team", "é"]


def tag_text(random: Random) -> tuple[str, bool]:
    """A key or a value, and whether it says production."""
    words = random.choices(CLEAN, k=random.randint(1, 3))
    smells = random.random() < 0.3
    if smells:
        words.insert(random.randint(0, len(words)), random.choice(SMELLS))
    return random.choice("-_ ./:").join(words), smells


def test_of_ten_thousand_tags_those_that_say_production_are_refused_and_no_others():
    random = Random(20261121)
    wrong = []
    for _ in range(10_000):
        (key, key_smells), (value, value_smells) = tag_text(random), tag_text(random)
        if bool(machines.refusal_of({key: value})) is not (key_smells or value_smells):
            wrong.append((key, value))
    assert wrong == []


@pytest.mark.parametrize(
    ("key", "value", "is_refused"),
    [
        ("prod", "true", True),
        ("isProd", "1", True),
        ("Env", "prod-eu", True),
        ("Tier", "live", True),
        ("Name", "webmarket-production-web", True),
        ("Name", "webProd2", True),
        ("Name", "LIVEweb", True),
        ("Name", "go-live", True),
        ("Stage", "ＰＲＯＤ", True),
        ("Étape", "prd01", True),
        ("Protected", "true", True),
        ("protection", "yes", True),
        ("Protégée", "oui", True),
        ("Note", "do-not-stop", True),
        ("Protected", "false", False),
        ("Protected", "non", False),
        ("Name", "product-import", False),
        ("Name", "reproducer", False),
        ("Name", "delivery-olives", False),
        ("Name", "liverpool", False),
        ("Owner", "Livia", False),
    ],
)
def test_a_tag_that_smells_of_production_or_protects(key, value, is_refused):
    assert bool(machines.refusal_of({key: value})) is is_refused


def test_without_a_timetable_nothing_is_asked_of_aws(settings, monkeypatch):
    settings.OPERATIONS = {**settings.OPERATIONS, "dev_timetable": ""}
    monkeypatch.setattr(boto3.session.Session, "client", lambda *_, **__: pytest.fail("asked"))
    outcome = run()
    assert outcome.is_idle
    assert "DEV_TIMETABLE" in outcome.message


@pytest.mark.django_db
def test_what_the_month_saved_is_the_sum_of_its_runs():
    def ended(at, euros, **more):
        moments = {"started_at": at, "finished_at": at, "expires_at": at}
        result = {"saved_euros": euros}
        OperationRun.objects.create(operation="daily_scheduler", pid=1, result=result, **moments, **more)

    ended(DAY - timedelta(days=1), "1.50")
    ended(DAY - timedelta(days=2), "0.25")
    ended(DAY - timedelta(days=30), "9.00")
    ended(DAY - timedelta(days=1), "7.00", is_dry_run=True)
    assert saved_this_month(now=DAY.astimezone(UTC)) == Decimal("1.75")

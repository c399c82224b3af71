"""What releases leave behind is forgotten, and never what runs or what a way back needs."""

import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest


@pytest.fixture
def purge(step, monkeypatch):
    def run(name: str, *arguments: str) -> int:
        monkeypatch.setattr("sys.argv", [name, *arguments])
        return step(name).main()

    return run


def record(environment: str, current: str, before: str) -> None:
    value = {"release": current, "image": current, "before": {"release": before, "image": before}}
    boto3.client("ssm").put_parameter(
        Name=f"/webmarket/{environment}/release", Value=json.dumps(value), Type="String", Overwrite=True
    )


class TestImages:
    @pytest.fixture
    def images(self, aws, monkeypatch) -> list[str]:
        """Eight of ours, the oldest first; moto's own are somebody else's."""
        ec2 = boto3.client("ec2")
        subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        (builder,) = ec2.run_instances(ImageId="ami-0debian", MinCount=1, MaxCount=1, SubnetId=subnet)["Instances"]
        images = []
        for number in range(8):
            image = ec2.create_image(InstanceId=builder["InstanceId"], Name=f"webmarket-v{number}")["ImageId"]
            owned = [{"Key": "Project", "Value": "webmarket"}, {"Key": "Release", "Value": f"v{number}"}]
            ec2.create_tags(Resources=[image], Tags=owned)
            boto3.client("ssm").put_parameter(Name=f"/webmarket/images/v{number}", Value=image, Type="String")
            images.append(image)
        ec2.create_image(InstanceId=builder["InstanceId"], Name="of-somebody-else")
        ec2.terminate_instances(InstanceIds=[builder["InstanceId"]])
        # moto gives all of a second the same date.
        ages = {image: datetime(2026, number + 1, 1, tzinfo=UTC) for number, image in enumerate(images)}
        from moto.ec2.models import ec2_backends

        for image in ec2_backends["123456789012"]["eu-west-3"].amis.values():
            image.creation_date = ages.get(image.id, datetime(2020, 1, 1, tzinfo=UTC))
        return images

    @staticmethod
    def left() -> set[str]:
        return {one["Name"] for one in boto3.client("ec2").describe_images(Owners=["self"])["Images"]}

    def test_the_newest_stay_and_what_is_not_ours(self, purge, images):
        assert purge("purge_images", "--keep", "3") == 0
        assert self.left() == {"webmarket-v5", "webmarket-v6", "webmarket-v7", "of-somebody-else"}
        parameters = {one["Name"] for one in boto3.client("ssm").describe_parameters()["Parameters"]}
        assert parameters == {f"/webmarket/images/v{number}" for number in (5, 6, 7)}

    def test_what_runs_and_what_a_roll_back_needs_stays_however_old(self, purge, images):
        record("production", images[0], images[1])
        record("demo", images[3], images[3])
        boto3.client("ssm").put_parameter(Name="/webmarket/staging/image-id", Value=images[2], Type="String")
        boto3.client("ec2").run_instances(ImageId=images[4], MinCount=1, MaxCount=1)
        boto3.client("ec2").create_tags(Resources=[images[5]], Tags=[{"Key": "hold", "Value": "audit"}])
        assert purge("purge_images", "--keep", "1") == 0
        assert self.left() == {*(f"webmarket-v{number}" for number in (0, 1, 2, 3, 4, 5, 7)), "of-somebody-else"}

    def test_their_volumes_snapshots_go_with_them(self, purge, images):
        def mine() -> set[str]:
            found = boto3.client("ec2").describe_images(Owners=["self"], ImageIds=images[:1])["Images"]
            return {one["Ebs"]["SnapshotId"] for image in found for one in image["BlockDeviceMappings"] if "Ebs" in one}

        snapshots = mine()
        assert snapshots
        purge("purge_images", "--keep", "7")
        there = {one["SnapshotId"] for one in boto3.client("ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"]}
        assert not snapshots & there

    def test_a_dry_run_deletes_nothing(self, purge, images):
        before = self.left()
        assert purge("purge_images", "--keep", "1", "--dry-run") == 0
        assert self.left() == before


class TestSnapshots:
    @pytest.fixture
    def take(self, staging):
        from moto.rds.models import rds_backends

        def taken(name: str, *, days: int, release: str = "", **more: str) -> None:
            tags = [{"Key": key, "Value": value} for key, value in {"Release": release, **more}.items()]
            boto3.client("rds").create_db_snapshot(
                DBInstanceIdentifier="webmarket-staging", DBSnapshotIdentifier=name, Tags=tags
            )
            snapshot = rds_backends["123456789012"]["eu-west-3"].database_snapshots[name]
            snapshot.created = datetime.now(UTC) - timedelta(days=days)

        return taken

    @staticmethod
    def left() -> set[str]:
        found = boto3.client("rds").describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
        return {one["DBSnapshotIdentifier"].removeprefix("webmarket-staging-before-") for one in found}

    def test_old_ones_go_but_for_the_newest_and_what_a_way_back_needs(self, purge, take):
        for number, days in enumerate((400, 300, 200, 100, 90, 80, 20, 10), start=1):
            take(f"webmarket-staging-before-v{number}", days=days, release=f"v{number}")
        take("webmarket-staging-before-v0", days=500, release="v0", hold="audit")
        take("snap-webmarket-staging-1", days=500)
        record("staging", "v2", "v1")
        assert purge("purge_snapshots", "--environment", "staging", "--keep", "1") == 0
        assert self.left() == {"v0", "v1", "v2", "v7", "v8", "snap-webmarket-staging-1"}

    def test_the_newest_stay_however_old(self, purge, take):
        for number in range(4):
            take(f"webmarket-staging-before-v{number}", days=400 - number, release=f"v{number}")
        assert purge("purge_snapshots", "--environment", "staging", "--keep", "3") == 0
        assert self.left() == {"v1", "v2", "v3"}

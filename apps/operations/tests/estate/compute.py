"""Instances, disks, images, launch templates, functions."""

import io
import zipfile
from datetime import timedelta
from typing import Any

from django.utils import timezone
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends

from apps.operations.tests.estate.planting import Estate, specification

REGION = "eu-west-3"
WEEKS_AGO = timedelta(days=60)


def age(instance: str, since: timedelta) -> None:
    """Nobody chooses the moment of a launch: in the stand-in it is set from behind."""
    ec2_backends[DEFAULT_ACCOUNT_ID][REGION].get_instance(instance).launch_time = timezone.now() - since


def _instance(
    estate: Estate, name: str, kind: str, disk: dict[str, Any], *, tokens: str = "required"
) -> tuple[str, str]:
    """The instance and its disk, launched two months ago."""
    ec2 = estate("ec2")
    started = ec2.run_instances(
        ImageId=estate.shared["image"],
        MinCount=1,
        MaxCount=1,
        InstanceType=kind,
        SubnetId=estate.shared["subnet-a"],
        SecurityGroupIds=[estate.shared["inner"]],
        MetadataOptions={"HttpTokens": tokens, "HttpEndpoint": "enabled"},
        Monitoring={"Enabled": True},
        BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": disk}],
        TagSpecifications=specification("instance", name) + specification("volume", name),
    )["Instances"][0]
    instance: str = started["InstanceId"]
    age(instance, WEEKS_AGO)
    estate.alarm("AWS/EC2", "StatusCheckFailed", "InstanceId", instance)
    disks = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])["Volumes"]
    return instance, disks[0]["VolumeId"]


GOOD_DISK = {"VolumeSize": 30, "VolumeType": "gp3", "Encrypted": True, "DeleteOnTermination": True}


def _instances(estate: Estate) -> None:
    ec2 = estate("ec2")

    def busy(instance: str, percent: float = 55.0) -> None:
        estate.measure("AWS/EC2", "CPUUtilization", {"InstanceId": instance}, percent)
        estate.measure("AWS/EC2", "NetworkIn", {"InstanceId": instance}, percent * 1e6)
        estate.measure("AWS/EC2", "NetworkOut", {"InstanceId": instance}, percent * 1e6)

    good, good_disk = _instance(estate, "web-1", "t4g.medium", GOOD_DISK)
    busy(good)
    estate.shared["machine"] = good
    estate.twin("EC2.8", "instance of today's generation, IMDSv2, busy", good)
    estate.twin("EC2.3", "encrypted gp3 disk in use", good_disk)

    old_metadata, _ = _instance(estate, "web-2", "t4g.medium", GOOD_DISK, tokens="optional")
    busy(old_metadata)
    estate.fault("EC2.8", "instance that answers IMDSv1", old_metadata)

    previous, _ = _instance(estate, "legacy", "m4.xlarge", GOOD_DISK)
    busy(previous)
    estate.fault("previous generation", "instance of a previous generation", previous)

    plain, plain_disk = _instance(estate, "plain", "t4g.small", {**GOOD_DISK, "Encrypted": False})
    busy(plain)
    estate.fault("EC2.3", "attached disk that is not encrypted", plain_disk)

    dear, dear_disk = _instance(estate, "dear", "t4g.small", {**GOOD_DISK, "VolumeType": "gp2", "VolumeSize": 500})
    busy(dear)
    estate.fault("gp2 to gp3", "gp2 disk that gp3 would make cheaper", dear_disk)

    idle, _ = _instance(estate, "forgotten-report", "c6i.4xlarge", GOOD_DISK)
    busy(idle, 0.6)
    estate.fault("idle instance", "dear instance that does nothing", idle)

    stopped, stopped_disk = _instance(estate, "stopped", "m6g.large", {**GOOD_DISK, "VolumeSize": 1000})
    ec2.stop_instances(InstanceIds=[stopped])
    moment = timezone.now() - WEEKS_AGO
    ec2_backends[DEFAULT_ACCOUNT_ID][REGION].get_instance(
        stopped
    )._reason = f"User initiated ({moment.strftime('%Y-%m-%d %H:%M:%S')} GMT)"
    estate.fault("EC2.4", "instance stopped for two months that pays for its disk", stopped, stopped_disk)


def _disks(estate: Estate) -> None:
    ec2 = estate("ec2")

    def volume(name: str, **options: Any) -> str:
        number: str = ec2.create_volume(
            AvailabilityZone="eu-west-3a",
            TagSpecifications=specification("volume", name),
            **{"Size": 200, "VolumeType": "gp3", "Encrypted": True} | options,
        )["VolumeId"]
        return number

    unused = volume("left-behind", VolumeType="io2", Iops=6000)
    estate.fault("unused disk", "io2 disk that belongs to no instance", unused)

    shared = ec2.create_snapshot(
        VolumeId=volume("attached-later", Encrypted=False),
        Description="for the agency",
        TagSpecifications=specification("snapshot", "for-the-agency"),
    )["SnapshotId"]
    ec2.modify_snapshot_attribute(
        SnapshotId=shared, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"]
    )
    estate.fault("EC2.1", "public snapshot of a disk", shared)

    private = ec2.create_snapshot(
        VolumeId=unused, Description="nightly", TagSpecifications=specification("snapshot", "nightly")
    )["SnapshotId"]
    estate.twin("EC2.1", "encrypted snapshot of our own", private)
    estate.fault("EC2.7", "disks are not encrypted by default")


def _image(estate: Estate, name: str) -> str:
    image: str = estate("ec2").create_image(
        InstanceId=estate.shared["machine"], Name=name, TagSpecifications=specification("image", name)
    )["ImageId"]
    return image


def _images(estate: Estate) -> None:
    ec2 = estate("ec2")
    public = _image(estate, "golden-public")
    ec2.modify_image_attribute(ImageId=public, LaunchPermission={"Add": [{"Group": "all"}]})
    estate.fault("public AMI", "image that anyone may start", public)
    partner = _image(estate, "golden-partner")
    ec2.modify_image_attribute(ImageId=partner, LaunchPermission={"Add": [{"UserId": "111122223333"}]})
    estate.twin("public AMI", "image shared with one account", partner)


def _launch_templates(estate: Estate) -> None:
    ec2 = estate("ec2")
    old = ec2.create_launch_template(
        LaunchTemplateName="workers",
        LaunchTemplateData={"InstanceType": "t4g.small", "MetadataOptions": {"HttpTokens": "optional"}},
        TagSpecifications=specification("launch-template", "workers"),
    )["LaunchTemplate"]
    estate.fault("EC2.170", "launch template with IMDSv1", old["LaunchTemplateId"], "workers")
    new = ec2.create_launch_template(
        LaunchTemplateName="webs",
        LaunchTemplateData={"InstanceType": "t4g.small", "MetadataOptions": {"HttpTokens": "optional"}},
        TagSpecifications=specification("launch-template", "webs"),
    )["LaunchTemplate"]
    ec2.create_launch_template_version(
        LaunchTemplateId=new["LaunchTemplateId"],
        LaunchTemplateData={"InstanceType": "t4g.small", "MetadataOptions": {"HttpTokens": "required"}},
    )
    ec2.modify_launch_template(LaunchTemplateId=new["LaunchTemplateId"], DefaultVersion="2")
    estate.twin("EC2.170", "launch template whose default version has IMDSv2", new["LaunchTemplateId"], "webs")


def _program() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("main.py", "def handler(event, context):\n    return event\n")
    return packed.getvalue()


def _functions(estate: Estate) -> None:
    functions, iam = estate("lambda"), estate("iam")
    trust = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",'
        ' "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'
    )
    role = iam.create_role(RoleName="functions", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    estate.twin("IAM trust", "role that a service alone assumes", "role/functions")

    def function(name: str, runtime: str) -> None:
        functions.create_function(
            FunctionName=name,
            Runtime=runtime,
            Role=role,
            Handler="main.handler",
            Code={"ZipFile": _program()},
            Tags={"Environment": "production"},
        )

    function("resize", "python3.8")
    estate.fault("Lambda.2", "function on a runtime without support", "function:resize")
    function("webhook", "python3.13")
    functions.add_permission(FunctionName="webhook", StatementId="world", Action="lambda:InvokeFunction", Principal="*")
    estate.fault("Lambda.1", "function that anyone may call", "function:webhook")
    function("thumbnail", "python3.13")
    functions.add_permission(
        FunctionName="thumbnail",
        StatementId="bucket",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::shop-media",
        SourceAccount="123456789012",
    )
    estate.twin("Lambda.1", "function that one bucket calls", "function:thumbnail")


def plant(estate: Estate) -> None:
    estate.shared["image"] = estate("ec2").register_image(
        Name="base", Architecture="arm64", RootDeviceName="/dev/sda1", VirtualizationType="hvm"
    )["ImageId"]
    _instances(estate)
    _disks(estate)
    _images(estate)
    _launch_templates(estate)
    _functions(estate)

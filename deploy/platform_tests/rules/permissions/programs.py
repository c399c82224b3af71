"""Rights of programs that cannot run here: AWS's agents, Packer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from aws_calls import ANY
from environment_plan import REGION

from rules.permissions.asked_for import ARNS, PACKERS_TAG, Right, arn_of
from rules.permissions.called_as import BUILD, HOSTS, WEB
from rules.world import World


@dataclass(frozen=True)
class Elsewhere:
    """Calls of a program that cannot run here, as its own documentation lists them."""

    roles: tuple[str, ...]
    program: str
    source: str
    rights: Callable[[World], Iterable[Right]]


def _agent(_: World) -> Iterable[Right]:
    """ssmmessages and ec2messages take no resource; the rest is the instance's own."""
    for action in (
        *("ssm:DescribeAssociation", "ssm:DescribeDocument", "ssm:GetDocument", "ssm:GetManifest"),
        *("ssm:ListAssociations", "ssm:ListInstanceAssociations", "ssm:PutComplianceItems", "ssm:PutInventory"),
        *("ssm:PutConfigurePackageResult", "ssm:UpdateAssociationStatus", "ssm:UpdateInstanceAssociationStatus"),
        *("ssm:UpdateInstanceInformation", "ec2messages:AcknowledgeMessage", "ec2messages:DeleteMessage"),
        *("ec2messages:FailMessage", "ec2messages:GetEndpoint", "ec2messages:GetMessages", "ec2messages:SendReply"),
        *("ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel"),
        "ssmmessages:OpenDataChannel",
    ):
        yield Right(action, ANY)


def _watching(service: str) -> Callable[[World], Iterable[Right]]:
    def asked(world: World) -> Iterable[Right]:
        for group in ("web" if service == WEB else "workers", "nginx", "system"):
            for action in ("logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"):
                yield Right(action, ARNS["logs"](f"/webmarket/webmarket-{world.name}/{group}"))
        yield Right("cloudwatch:PutMetricData", ANY, {"cloudwatch:namespace": f"WebMarket/{world.name}"})
        # The dimension AutoScalingGroupName is a tag of the instance.
        yield Right("ec2:DescribeTags", ANY)

    return asked


def _tracing(world: World) -> Iterable[Right]:
    if not world.of("aws_xray_sampling_rule"):
        return
    for action in ("PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets"):
        yield Right(f"xray:{action}", ANY)


def _packer(_: World) -> Iterable[Right]:
    here, tagged = {"aws:RequestedRegion": REGION}, PACKERS_TAG
    for action in (
        *("AttachVolume", "AuthorizeSecurityGroupIngress", "CopyImage", "CreateImage", "CreateKeyPair"),
        *("CreateSecurityGroup", "CreateSnapshot", "CreateTags", "CreateVolume", "ModifyImageAttribute"),
        *("ModifyInstanceAttribute", "ModifySnapshotAttribute", "RegisterImage", "RunInstances"),
    ):
        yield Right(f"ec2:{action}", ANY, here)
    for action in (
        *("DeleteKeyPair", "DeleteSecurityGroup", "DeleteSnapshot", "DeleteVolume", "DeregisterImage"),
        *("DetachVolume", "StopInstances", "TerminateInstances"),
    ):
        yield Right(f"ec2:{action}", ANY, tagged)
    for action in (
        *("DescribeImages", "DescribeInstances", "DescribeInstanceStatus", "DescribeRegions", "DescribeSubnets"),
        *("DescribeSecurityGroups", "DescribeSnapshots", "DescribeTags", "DescribeVolumes", "DescribeVpcs"),
    ):
        yield Right(f"ec2:{action}", ANY)
    # build_image itself, after Packer.
    yield Right("ssm:PutParameter", arn_of("ssm", "parameter/webmarket/images/v1"))


ELSEWHERE = (
    Elsewhere(
        HOSTS,
        "amazon-ssm-agent",
        "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSSMManagedInstanceCore.html",
        _agent,
    ),
    *(
        Elsewhere(
            (service,),
            "amazon-cloudwatch-agent",
            "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/CloudWatchAgentServerPolicy.html",
            _watching(service),
        )
        for service in HOSTS
    ),
    Elsewhere(
        HOSTS,
        "amazon-cloudwatch-agent",
        "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSXRayDaemonWriteAccess.html",
        _tracing,
    ),
    Elsewhere(
        (BUILD,),
        "packer",
        "https://developer.hashicorp.com/packer/integrations/hashicorp/amazon#iam-task-or-instance-role",
        _packer,
    ),
)

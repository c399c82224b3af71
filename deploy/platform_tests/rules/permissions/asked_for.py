"""Which rights a call asks for, on which resources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from aws_calls import ANY, Call
from environment_plan import ACCOUNT, REGION

from rules.permissions.called_as import MIGRATE
from rules.world import UNKNOWN, World

EC2, IMAGE = f"arn:aws:ec2:{REGION}:{ACCOUNT}", f"arn:aws:ec2:{REGION}::image/ami-1"
TEMPLATE = f"{EC2}:launch-template/lt-0123456789abcdef0"
INSTANCE = f"{EC2}:instance/i-0123456789abcdef0"
# The tag of what backups make (apps/operations/services/backup/snapshot.py).
OURS = {"rds:db-snapshot-tag/MadeBy": "webmarket-backup", "aws:ResourceTag/MadeBy": "webmarket-backup"}
DEV = {"aws:ResourceTag/Environment": "dev"}
PACKERS_TAG = {"aws:ResourceTag/Project": "webmarket"}
MIGRATING = {"aws:ResourceTag/Role": "migrate"}
ENCRYPT, DECRYPT = "kms:GenerateDataKey", "kms:Decrypt"
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#require-sse-kms
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
# https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html#security-encryption-authz
KEYED = {
    "s3:GetObject": (DECRYPT,),
    "s3:PutObject": (ENCRYPT,),
    "sqs:SendMessage": (ENCRYPT, DECRYPT),
    "sqs:ReceiveMessage": (DECRYPT,),
    "sns:Publish": (ENCRYPT, DECRYPT),
    "ssm:GetParametersByPath": (DECRYPT,),
    "secretsmanager:GetSecretValue": (DECRYPT,),
    "secretsmanager:PutSecretValue": (ENCRYPT, DECRYPT),
}
# https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html#ebs-encryption-permissions
ENCRYPTED_VOLUME = (
    *("kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey"),
    *("kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
)
# Of botocore's names, those that IAM calls otherwise.
PREFIXES = {"efs": "elasticfilesystem", "elbv2": "elasticloadbalancing", "s3control": "s3"}


@dataclass(frozen=True)
class Right:
    """One action on one resource, and what is true of the request beside what is true of all."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict, hash=False)


def of_key(world: World, right: Right) -> Iterator[Right]:
    """What a call asks of the environment's own key, where there is one: the caller needs it, not the service alone."""
    keys = {str(one["key_id"]) for one in world.of("aws_ssm_parameter") if one["key_id"]}
    for key in keys:
        for action in KEYED.get(right.action, ()):
            yield Right(action, key)
        if right.action == "ec2:RunInstances" and ":volume/" in right.resource:
            for action in ENCRYPTED_VOLUME:
                yield Right(action, key, {"kms:ViaService": f"ec2.{REGION}.amazonaws.com"})


def rights(world: World, call: Call) -> list[Right]:
    name, environment = f"webmarket-{world.name}", world.name
    buckets = {kind: f"{name}-{kind}-{ACCOUNT}" for kind in ("files", "backups", "lake")}
    secret = f"/webmarket/{environment}/database" if _own_password(world) else ""
    target = call.target.replace("{database_secret}", secret or UNKNOWN)
    target = target.format(name=name, environment=environment, **buckets) if "{" in target else target
    special = RIGHTS.get(call.call)
    if special:
        return [Right(action, resource, context) for action, resource, context in special(target, world)]
    service, _, operation = call.call.partition(".")
    resource = ARNS[service](target) if service in ARNS and target != ANY else ANY
    return [Right(f"{PREFIXES.get(service, service)}:{operation}", resource)]


def _own_password(world: World) -> bool:
    return any(one["name"] == f"/webmarket/{world.name}/database" for one in world.of("aws_secretsmanager_secret"))


def arn_of(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


ARNS: dict[str, Callable[[str], str]] = {
    "s3": lambda target: f"arn:aws:s3:::{target}",
    "rds": lambda target: arn_of("rds", target),
    "sqs": lambda target: arn_of("sqs", target),
    "sns": lambda target: arn_of("sns", target),
    "ssm": lambda target: arn_of("ssm", f"parameter{target}"),
    # The six characters are Secrets Manager's own.
    "secretsmanager": lambda target: (
        target if target == UNKNOWN else arn_of("secretsmanager", f"secret:{target}-AbCdEf")
    ),
    "logs": lambda target: arn_of("logs", f"log-group:{target}:log-stream:i-1"),
    "autoscaling": lambda target: arn_of("autoscaling", f"autoScalingGroup:0:autoScalingGroupName/{target}"),
}
Asked = Iterable[tuple[str, str, Mapping[str, str]]]
NO_CONTEXT: Mapping[str, str] = {}


def _s3(*actions: str) -> Callable[[str, World], Asked]:
    return lambda target, _: [(f"s3:{action}", f"arn:aws:s3:::{target}", {}) for action in actions]


def _head(target: str, _: World) -> Asked:
    """Without the right to list, S3 answers 403 where an object is not there, and not 404."""
    bucket = target.partition("/")[0]
    yield "s3:GetObject", f"arn:aws:s3:::{target}", {}
    yield "s3:ListBucket", f"arn:aws:s3:::{bucket}", {}


def _copy(target: str, _: World) -> Asked:
    source, _arrow, copied = target.partition(" > ")
    yield "s3:GetObject", f"arn:aws:s3:::{source}", {}
    yield "s3:PutObject", f"arn:aws:s3:::{copied}", {}


def _of_account(*actions: str) -> Callable[[str, World], Asked]:
    return lambda *_: [(f"s3:{action}", ANY, {}) for action in actions]


def _create_snapshot(target: str, _: World) -> Asked:
    yield "rds:CreateDBSnapshot", arn_of("rds", target), {}
    if target.startswith("snapshot:"):
        yield "rds:AddTagsToResource", arn_of("rds", target), {}


def _copy_snapshot(target: str, world: World) -> Asked:
    """Into the second region, with its key."""
    second = f"arn:aws:rds:eu-central-1:{ACCOUNT}:{target}"
    for action in ("rds:CopyDBSnapshot", "rds:AddTagsToResource"):
        yield action, second, {}
    yield "rds:CopyDBSnapshot", arn_of("rds", target), {}
    for action in ("kms:CreateGrant", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptTo"):
        yield action, UNKNOWN, {"kms:ViaService": "rds.eu-central-1.amazonaws.com"}


def _signing_key(action: str, context: Mapping[str, str] = NO_CONTEXT) -> Callable[[str, World], Asked]:
    """The key that signs backups is known after `apply` alone."""
    return lambda *_: [(f"kms:{action}", UNKNOWN, context)]


def _create_database(target: str, world: World) -> Asked:
    instance = arn_of("rds", target)
    yield "rds:CreateDBInstance", instance, {}
    yield "rds:AddTagsToResource", instance, {}
    for other in (f"subgrp:webmarket-{world.name}", "og:default:mysql-8-4", "pg:default.mysql8.4"):
        yield "rds:CreateDBInstance", arn_of("rds", other), {}


def _restore_database(action: str) -> Callable[[str, World], Asked]:
    def asked(target: str, world: World) -> Asked:
        source, _arrow, restored = target.partition(" > ")
        for resource in (source, restored, f"subgrp:webmarket-{world.name}", f"pg:webmarket-{world.name}-1"):
            yield f"rds:{action}", arn_of("rds", resource), {}
        yield "rds:AddTagsToResource", arn_of("rds", restored), {}

    return asked


def _run_instances(_: str, world: World) -> Asked:
    parts = ("instance/i-1", "subnet/subnet-1", "security-group/sg-1", "volume/vol-1", "network-interface/eni-1")
    for resource in (*(f"{EC2}:{part}" for part in parts), TEMPLATE, IMAGE):
        yield "ec2:RunInstances", resource, {"ec2:LaunchTemplate": TEMPLATE}
    for part in ("instance/i-1", "volume/vol-1"):
        yield "ec2:CreateTags", f"{EC2}:{part}", {"ec2:CreateAction": "RunInstances"}
    yield from _passed(world, MIGRATE)


def _passed(world: World, *services: str) -> Asked:
    for service in services:
        role = f"arn:aws:iam::{ACCOUNT}:role/webmarket-{world.name}-{service}"
        yield "iam:PassRole", role, {"iam:PassedToService": "ec2.amazonaws.com"}


def _refresh(target: str, world: World) -> Asked:
    """What the new configuration describes must be allowed to whoever asks for it."""
    yield "autoscaling:StartInstanceRefresh", ARNS["autoscaling"](target), {}
    yield "ec2:RunInstances", INSTANCE, {"ec2:LaunchTemplate": TEMPLATE}
    yield from _passed(world, target.rpartition("-")[2])
    yield "cloudwatch:DescribeAlarms", ANY, {}


def _tagged(action: str, resource: str, context: Mapping[str, str]) -> Callable[[str, World], Asked]:
    return lambda *_: [(action, resource, context)]


def _invalidate(_: str, world: World) -> Asked:
    distribution = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E0"
    yield "cloudfront:CreateInvalidation", distribution, {"aws:ResourceTag/Environment": world.name}


def _send_command(*_: object) -> Asked:
    yield "ssm:SendCommand", INSTANCE, MIGRATING
    yield "ssm:SendCommand", f"arn:aws:ssm:{REGION}::document/AWS-RunShellScript", {}


def _delete_snapshot(target: str, _: World) -> Asked:
    yield "rds:DeleteDBSnapshot", arn_of("rds", target), OURS if target.startswith("snapshot:snap-") else {}


def _of_dev(action: str) -> Callable[[str, World], Asked]:
    def asked(target: str, _: World) -> Asked:
        group = ARNS["autoscaling"](target)
        place = {"rds": arn_of("rds", target), "autoscaling": group}.get(action.partition(":")[0], INSTANCE)
        own = target.startswith("webmarket-")
        yield action, place, {} if own else DEV

    return asked


TIMETABLE = (
    *("CreateOrUpdateTags", "DeleteTags", "UpdateAutoScalingGroup"),
    *("AddTagsToResource", "RemoveTagsFromResource", "StartDBInstance", "StopDBInstance"),
    *("CreateTags", "DeleteTags", "StartInstances", "StopInstances"),
)
SERVICES = ("autoscaling", "rds", "ec2")
RIGHTS: dict[str, Callable[[str, World], Asked]] = {
    **{
        f"{service}.{operation}": _of_dev(f"{service}:{operation}")
        for service in SERVICES
        for operation in TIMETABLE
        if (service, operation) != ("autoscaling", "StopInstances")
    },
    # Answered to every caller, whatever its policies.
    "sts.GetCallerIdentity": lambda *_: [],
    "budgets.DescribeBudgets": lambda *_: [("budgets:ViewBudget", ANY, NO_CONTEXT)],
    "s3.HeadObject": _head,
    "s3.CopyObject": _copy,
    "s3.DeleteObjects": _s3("DeleteObject"),
    "s3.ListObjects": _s3("ListBucket"),
    "s3.ListObjectsV2": _s3("ListBucket"),
    "s3.ListObjectVersions": _s3("ListBucketVersions"),
    "s3.CreateMultipartUpload": _s3("PutObject"),
    "s3.UploadPart": _s3("PutObject"),
    "s3.CompleteMultipartUpload": _s3("PutObject"),
    "s3.ListBuckets": _of_account("ListAllMyBuckets"),
    "s3.GetBucketAcl": _of_account("GetBucketAcl"),
    "s3.GetBucketEncryption": _of_account("GetEncryptionConfiguration"),
    "s3.GetBucketLifecycleConfiguration": _of_account("GetLifecycleConfiguration"),
    "s3.GetBucketLocation": _of_account("GetBucketLocation"),
    "s3.GetBucketPolicy": _of_account("GetBucketPolicy"),
    "s3.GetBucketPolicyStatus": _of_account("GetBucketPolicyStatus"),
    "s3.GetBucketVersioning": _of_account("GetBucketVersioning"),
    "s3.GetPublicAccessBlock": _of_account("GetBucketPublicAccessBlock"),
    "s3control.GetPublicAccessBlock": _of_account("GetAccountPublicAccessBlock"),
    "rds.CreateDBSnapshot": _create_snapshot,
    "rds.CopyDBSnapshot": _copy_snapshot,
    "rds.DeleteDBSnapshot": _delete_snapshot,
    "rds.CreateDBInstance": _create_database,
    **{
        f"rds.{action}": _restore_database(action)
        for action in ("RestoreDBInstanceFromDBSnapshot", "RestoreDBInstanceToPointInTime")
    },
    "kms.GetPublicKey": _signing_key("GetPublicKey"),
    "kms.Sign": _signing_key("Sign", {"kms:SigningAlgorithm": "ECDSA_SHA_256"}),
    # The path and what is under it.
    "ssm.GetParametersByPath": lambda target, _: [
        ("ssm:GetParametersByPath", arn_of("ssm", f"parameter{target}{rest}"), {}) for rest in ("", "/SITE_URL")
    ],
    # Images and their snapshots carry what Packer tags them with.
    "ec2.DeregisterImage": _tagged("ec2:DeregisterImage", IMAGE, PACKERS_TAG),
    "ec2.DeleteSnapshot": lambda target, _: [
        (
            "ec2:DeleteSnapshot",
            f"arn:aws:ec2:{REGION}::snapshot/snap-1",
            PACKERS_TAG if target == "image" else OURS,
        )
    ],
    "ec2.RunInstances": _run_instances,
    "ec2.TerminateInstances": _tagged("ec2:TerminateInstances", INSTANCE, MIGRATING),
    "ec2.CreateLaunchTemplateVersion": _tagged("ec2:CreateLaunchTemplateVersion", TEMPLATE, {}),
    "ssm.SendCommand": _send_command,
    "autoscaling.StartInstanceRefresh": _refresh,
    "cloudfront.CreateInvalidation": _invalidate,
}

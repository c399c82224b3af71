"""What each role must be allowed for the calls that are made as it, and that it is allowed nothing else.

The calls are those of aws_calls.py, recorded against moto, and those of programs that cannot run here, each with its
page. https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
says which right and resource a call asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from aws_calls import ANY, Call, recorded
from environment_plan import ACCOUNT, REGION

from rules.policies import Grants, Policy, Verdict, boundary_of, evaluate, policies_of
from rules.world import UNKNOWN, Resource, Rule, World, listed

WEB, WORKERS, MIGRATE, DEPLOY, DEPLOYER, BUILD = (
    *("web", "workers", "migrate"),
    *("github-deploy", "deployer", "github-build"),
)
ROLES = (WEB, WORKERS, MIGRATE, DEPLOY, DEPLOYER, BUILD)
RELEASING = (DEPLOY, DEPLOYER)
SERVING = (WEB, WORKERS)
HOSTS = (*SERVING, MIGRATE)
EC2, IMAGE = f"arn:aws:ec2:{REGION}:{ACCOUNT}", f"arn:aws:ec2:{REGION}::image/ami-1"
TEMPLATE = f"{EC2}:launch-template/lt-0123456789abcdef0"
INSTANCE = f"{EC2}:instance/i-0123456789abcdef0"
# The tag of what backups make (apps/operations/services/backup/snapshot.py).
OURS = {"rds:db-snapshot-tag/MadeBy": "webmarket-backup", "aws:ResourceTag/MadeBy": "webmarket-backup"}
DEV = {"aws:ResourceTag/Environment": "dev"}
PACKERS_TAG = {"aws:ResourceTag/Project": "webmarket"}
MIGRATING = {"aws:ResourceTag/Role": "migrate"}
# By the beginning of the caller's file; the first that fits.
CALLERS = (
    ("deploy/bin/purge_images", (BUILD,)),
    # Who may do everything, for an hour.
    ("deploy/bin/change_secret_key", ("break-glass",)),
    ("deploy/bin/bootstrap", ("break-glass",)),
    ("deploy/bin/doctor", ("break-glass",)),
    ("deploy/bin/", RELEASING),
    ("deploy/host/drain.py", (WORKERS,)),
    ("deploy/host/database_user.py", (MIGRATE,)),
    # The admin's pages of dead letters and of pictures.
    ("apps/operations/services/dead_letters.py", (WEB,)),
    ("apps/catalogue/services/direct_uploads.py", (WEB,)),
    ("apps/operations/", (WORKERS,)),
    ("", HOSTS),
)
UPLOADING = {"s3.PutObject": (WEB,)}
# By whose password a host logs in to the database.
LOGINS = {"{database_secret}": (MIGRATE,), "/webmarket/{environment}/database-user": SERVING}
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


@dataclass(frozen=True)
class Need:
    """A right that a role needs, with who asks for it."""

    role: str
    asked_by: str
    right: Right


# Made by code whose tests on moto do not come there.
UNTESTED = (
    # Tests of attachments and imports keep documents in a folder.
    Call("apps/prospects/services/attachments.py", "s3.DeleteObject", "{files}/documents/…"),
    # Where two workers store the same picture at once.
    Call("apps/catalogue/services/images.py", "s3.DeleteObject", "{files}/media/…"),
    # A worker that is stopped gives back what it has taken.
    Call("kombu", "sqs.ChangeMessageVisibility", "{name}-default"),
    Call("kombu", "sqs.ChangeMessageVisibility", "{name}-operations"),
)


@dataclass(frozen=True)
class Elsewhere:
    """Calls of a program that cannot run here, as its own documentation lists them."""

    roles: tuple[str, ...]
    program: str
    source: str
    rights: Callable[[World], Iterable[Right]]


def callers(call: Call) -> tuple[str, ...]:
    """The roles that a call is made as."""
    if call.target in LOGINS:
        return LOGINS[call.target] if call.caller == "deploy/host/settings.py" else (MIGRATE,)
    if call.caller == "kombu":
        return SERVING if call.call == "sqs.SendMessage" else (WORKERS,)
    if call.caller == "storages" and not call.call.startswith(("s3.Get", "s3.Head")):
        # Static files are put there by the instance that migrates.
        return {"static": (MIGRATE,), "uploads": UPLOADING.get(call.call, HOSTS)}.get(call.target.split("/")[1], HOSTS)
    return next(role for start, role in CALLERS if call.caller.startswith(start))


def needed(world: World) -> list[Need]:
    settings = {str(one["name"]).rpartition("/")[2] for one in world.of("aws_ssm_parameter")}
    found = [
        Need(role, call.caller, right)
        for call in (*recorded(), *UNTESTED)
        if is_called(call, settings)
        for role in callers(call)
        for right in rights(world, call)
    ]
    found += [Need(one.role, one.asked_by, right) for one in found for right in of_key(world, one.right)]
    found += [Need(role, one.program, right) for one in ELSEWHERE for right in one.rights(world) for role in one.roles]
    return list(dict.fromkeys(found))


def is_called(call: Call, settings: set[str]) -> bool:
    """Some calls are made only where a setting asks for them."""
    if "timetable/machines" in call.caller and not call.call.partition(".")[2].startswith("Describe"):
        return "DEV_TIMETABLE" in settings
    return call.call != "rds.CopyDBSnapshot" or "BACKUP_REGION" in settings


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


def _arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


ARNS: dict[str, Callable[[str], str]] = {
    "s3": lambda target: f"arn:aws:s3:::{target}",
    "rds": lambda target: _arn("rds", target),
    "sqs": lambda target: _arn("sqs", target),
    "sns": lambda target: _arn("sns", target),
    "ssm": lambda target: _arn("ssm", f"parameter{target}"),
    # The six characters are Secrets Manager's own.
    "secretsmanager": lambda target: target if target == UNKNOWN else _arn("secretsmanager", f"secret:{target}-AbCdEf"),
    "logs": lambda target: _arn("logs", f"log-group:{target}:log-stream:i-1"),
    "autoscaling": lambda target: _arn("autoscaling", f"autoScalingGroup:0:autoScalingGroupName/{target}"),
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
    yield "rds:CreateDBSnapshot", _arn("rds", target), {}
    if target.startswith("snapshot:"):
        yield "rds:AddTagsToResource", _arn("rds", target), {}


def _copy_snapshot(target: str, world: World) -> Asked:
    """Into the second region, with its key."""
    second = f"arn:aws:rds:eu-central-1:{ACCOUNT}:{target}"
    for action in ("rds:CopyDBSnapshot", "rds:AddTagsToResource"):
        yield action, second, {}
    yield "rds:CopyDBSnapshot", _arn("rds", target), {}
    for action in ("kms:CreateGrant", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptTo"):
        yield action, UNKNOWN, {"kms:ViaService": "rds.eu-central-1.amazonaws.com"}


def _signing_key(action: str, context: Mapping[str, str] = NO_CONTEXT) -> Callable[[str, World], Asked]:
    """The key that signs backups is known after `apply` alone."""
    return lambda *_: [(f"kms:{action}", UNKNOWN, context)]


def _create_database(target: str, world: World) -> Asked:
    instance = _arn("rds", target)
    yield "rds:CreateDBInstance", instance, {}
    yield "rds:AddTagsToResource", instance, {}
    for other in (f"subgrp:webmarket-{world.name}", "og:default:mysql-8-4", "pg:default.mysql8.4"):
        yield "rds:CreateDBInstance", _arn("rds", other), {}


def _restore_database(action: str) -> Callable[[str, World], Asked]:
    def asked(target: str, world: World) -> Asked:
        source, _arrow, restored = target.partition(" > ")
        for resource in (source, restored, f"subgrp:webmarket-{world.name}", f"pg:webmarket-{world.name}-1"):
            yield f"rds:{action}", _arn("rds", resource), {}
        yield "rds:AddTagsToResource", _arn("rds", restored), {}

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
    yield "rds:DeleteDBSnapshot", _arn("rds", target), OURS if target.startswith("snapshot:snap-") else {}


def _of_dev(action: str) -> Callable[[str, World], Asked]:
    def asked(target: str, _: World) -> Asked:
        group = ARNS["autoscaling"](target)
        place = {"rds": _arn("rds", target), "autoscaling": group}.get(action.partition(":")[0], INSTANCE)
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
        ("ssm:GetParametersByPath", _arn("ssm", f"parameter{target}{rest}"), {}) for rest in ("", "/SITE_URL")
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
    yield Right("ssm:PutParameter", _arn("ssm", "parameter/webmarket/images/v1"))


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


def roles(world: World) -> dict[str, Resource]:
    wanted = {f"webmarket-{world.name}-{role}": role for role in ROLES}
    return {wanted[one["name"]]: one for one in world.of("aws_iam_role") if one["name"] in wanted}


def grants_of(world: World, role: Resource) -> Grants:
    return Grants(policies_of(world, role), boundary_of(world, role))


def resource_policies(world: World, resource: str) -> list[Policy] | None:
    """Policies of a bucket, queue or key that is the environment's own; None where it has none."""
    service, name = resource.split(":")[2], resource.rpartition(":")[2].partition("/")[0]
    found = []
    if service == "s3":
        owned = {one["bucket"]: one for one in world.of("aws_s3_bucket")}
        for one in world.of("aws_s3_bucket_policy"):
            if one["bucket"] == name or (name in owned and owned[name].key == one.key and one["bucket"] is None):
                found.append(Policy(one.short, world.document(one, "policy")))
    if service == "sqs":
        found = [
            Policy(one.short, world.document(one, "policy")) for one in world.of("aws_sqs_queue") if one["name"] == name
        ]
    return found or None


def decide(world: World, role: Resource, grants: Grants, right: Right) -> Verdict:
    principal = f"arn:aws:iam::{ACCOUNT}:role/{role['name']}"
    always = {"aws:SecureTransport": "true", "aws:PrincipalArn": principal, "aws:RequestedRegion": REGION}
    own = resource_policies(world, right.resource) if right.resource.startswith("arn:") else None
    full = Grants(grants.role, grants.boundary, own)
    return evaluate(full, principal, right.action, right.resource, {**always, **right.context})


def table(world: World) -> Iterator[tuple[str, str, str, str, str]]:
    """Role, action, resource, what decides, and who asks."""
    there = roles(world)
    grants = {name: grants_of(world, role) for name, role in there.items()}
    asking: dict[tuple[str, Right], list[str]] = {}
    for need in needed(world):
        if need.role in there:
            asking.setdefault((need.role, need.right), []).append(need.asked_by)
    for (name, right), askers in asking.items():
        verdict = decide(world, there[name], grants[name], right)
        decided = verdict.by if verdict.allowed else f"NOT ALLOWED: {verdict.by}"
        yield name, right.action, right.resource, decided, ", ".join(dict.fromkeys(askers))


def missing(world: World) -> Iterator[str]:
    for role, action, resource, decided, askers in table(world):
        if decided.startswith("NOT ALLOWED"):
            yield f"webmarket-{world.name}-{role} may not {action} {resource} ({decided[13:]}); {askers} does"


def unused(world: World) -> Iterator[str]:
    """By statement, action and resource: what no need comes through."""
    every = needed(world)
    for name, role in roles(world).items():
        asked = [need.right for need in every if need.role == name]
        for policy in policies_of(world, role):
            for one in policy.statements:
                for action, resource in parts_of(one):
                    part = Grants([Policy("", [{**one, "Action": action, "Resource": resource}])])
                    if not any(decide(world, role, part, right).allowed for right in asked):
                        yield f"{role['name']}: {one.get('Sid')} allows {action} on {resource}, and nothing asks for it"


def parts_of(statement: dict) -> list[tuple[str, str]]:
    if statement["Effect"] != "Allow":
        return []
    return [(action, place) for action in listed(statement["Action"]) for place in listed(statement["Resource"])]


RULES = (
    Rule(
        "roles may do what is called as them",
        "Where no statement allows a call, or one denies it, AWS refuses it.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html",
        missing,
    ),
    Rule(
        "roles may do nothing else",
        "A right that nothing uses is one that only somebody else would use.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        unused,
    ),
)

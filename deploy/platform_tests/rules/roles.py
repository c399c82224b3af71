"""What a role must be able to do for its work, and what it must not, asked of its policies."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

from environment_plan import ACCOUNT, REGION
from local import ROOT

from rules.policies import allowed, documents_of
from rules.world import UNKNOWN, Resource, Rule, World, listed, statements

STATES = "arn:aws:s3:::states-of-this-account"
# The tag of what backups made (apps/operations/services/backup/snapshot.py).
BACKUPS_TAG = "webmarket-backup"
_GROUP = "autoScalingGroup:0:autoScalingGroupName/{}-workers"
OTHERS = ("demo", "staging", "production")


def plan_does_its_work(world: World) -> Iterator[str]:
    """It reads the state, and writes its lock unless the command goes without one."""
    name = world.name
    state = f"{STATES}/webmarket/{name}.tfstate"
    backend = (ROOT / "terraform" / "environments" / name / "main.tf").read_text()
    wanted = [("s3:ListBucket", STATES), ("s3:GetObject", state)]
    if re.search(r"use_lockfile\s*=\s*true", backend) and "-lock=false" not in plan_command(name):
        wanted += [("s3:PutObject", f"{state}.tflock"), ("s3:DeleteObject", f"{state}.tflock")]
    wanted += [("ssm:GetParameter", _parameter(name, "SITE_URL")), ("ec2:DescribeInstances", "*")]
    for role in _roles(world, "github-plan"):
        documents = documents_of(world, role.address)
        for action, resource in wanted:
            if not allowed(documents, action, resource):
                yield f"{role['name']} plans, and may not {action} {resource}"


def plan_command(environment: str) -> list[str]:
    """The arguments with which deploy/bin/plan calls Terraform."""
    path = ROOT / "deploy" / "bin" / "plan"
    sys.path.append(str(path.parent))
    loader = SourceFileLoader("deploy_plan", str(path))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module.plan_command(environment, Path("plan"), [])


def plan_reads_its_own_alone(world: World) -> Iterator[str]:
    """A pull request's author writes what this role runs."""
    own = world.name
    forbidden = [
        ("secretsmanager:GetSecretValue", _secret(f"/webmarket/{own}/secret-key-AbCdEf")),
        ("secretsmanager:GetSecretValue", _secret("rds!db-of-anybody-AbCdEf")),
        ("s3:GetObject", f"arn:aws:s3:::webmarket-{own}-files-{ACCOUNT}/documents/invoice.pdf"),
        ("logs:GetLogEvents", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/webmarket/webmarket-{own}/web:log-stream:x"),
        ("logs:FilterLogEvents", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/webmarket/webmarket-{own}/web:*"),
    ]
    for other in OTHERS:
        if other != own:
            forbidden += [
                ("s3:GetObject", f"arn:aws:s3:::webmarket-{other}-backups-{ACCOUNT}/database/dump"),
                ("s3:GetObjectVersion", f"arn:aws:s3:::webmarket-{other}-lake-{ACCOUNT}/sales"),
                ("s3:GetObject", f"{STATES}/webmarket/{other}.tfstate"),
                ("ssm:GetParameter", _parameter(other, "EMAIL_URL")),
                ("ssm:GetParametersByPath", _parameter(other, "")),
            ]
    for role in _roles(world, "github-plan"):
        documents = documents_of(world, role.address)
        for action, resource in forbidden:
            if allowed(documents, action, resource):
                yield f"{role['name']} runs what a pull request brings, and may {action} {resource}"


def hosts_read_their_own_alone(world: World) -> Iterator[str]:
    own = world.name
    forbidden = [
        ("secretsmanager:GetSecretValue", _secret("rds!db-of-another-database-AbCdEf")),
        # The master user's: RDS's, whose name a plan does not know, or the environment's.
        ("secretsmanager:GetSecretValue", UNKNOWN),
        ("secretsmanager:GetSecretValue", _secret(f"/webmarket/{own}/database-AbCdEf")),
        ("ssm:GetParameter", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/of/somebody/else"),
    ]
    for other in OTHERS:
        if other != own:
            forbidden += [
                ("secretsmanager:GetSecretValue", _secret(f"/webmarket/{other}/secret-key-AbCdEf")),
                ("ssm:GetParameter", _parameter(other, "SITE_URL")),
                ("ssm:GetParameters", _parameter(other, "SITE_URL")),
                ("ssm:GetParametersByPath", _parameter(other, "")),
            ]
    needed = [
        ("secretsmanager:GetSecretValue", _secret(f"/webmarket/{own}/secret-key-AbCdEf")),
        ("secretsmanager:GetSecretValue", _secret(f"/webmarket/{own}/database-user-AbCdEf")),
        ("ssm:GetParametersByPath", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/webmarket/{own}/settings"),
        # Session Manager and Run Command.
        ("ssm:UpdateInstanceInformation", f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0123456789abcdef0"),
        ("ssmmessages:CreateControlChannel", "*"),
        ("ssmmessages:OpenDataChannel", "*"),
        ("ec2messages:GetMessages", "*"),
        ("ec2messages:SendReply", "*"),
    ]
    for service in ("web", "workers"):
        for role in _roles(world, service):
            documents = documents_of(world, role.address)
            for action, resource in forbidden:
                if allowed(documents, action, resource):
                    yield f"hosts of {role['name']} may {action} {resource}"
            # Where no policy is known before `apply`, nothing can be asked.
            for action, resource in needed if any(documents) else ():
                if not allowed(documents, action, resource):
                    yield f"hosts of {role['name']} may not {action} {resource}"


def _roles(world: World, kind: str) -> list[Resource]:
    wanted = f"webmarket-{world.name}-{kind}"
    return [one for one in world.of("aws_iam_role") if one["name"] == wanted]


def workers_may_do_their_work(world: World) -> Iterator[str]:
    """What backups, cleanup and the queue ask of AWS, on what is theirs; within the ceiling too."""
    name = f"webmarket-{world.name}"
    ours = {"rds:db-snapshot-tag/MadeBy": BACKUPS_TAG, "aws:ResourceTag/MadeBy": BACKUPS_TAG}
    wanted = [
        ("rds:CreateDBSnapshot", f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{name}"),
        ("rds:DeleteDBSnapshot", f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:snap-{name}-1"),
        ("ec2:DeleteSnapshot", f"arn:aws:ec2:{REGION}::snapshot/snap-0123456789abcdef0"),
        ("s3:PutObject", f"arn:aws:s3:::{name}-backups-{ACCOUNT}/database/dump"),
        ("s3:DeleteObject", f"arn:aws:s3:::{name}-backups-{ACCOUNT}/database/dump"),
        ("s3:PutObject", f"arn:aws:s3:::{name}-lake-{ACCOUNT}/sales"),
        ("sqs:ReceiveMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}-default"),
        ("autoscaling:CompleteLifecycleAction", f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:{_GROUP.format(name)}"),
        ("sns:Publish", f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}-alarms"),
    ]
    ceilings = [statements(one["policy"]) for one in world.of("aws_iam_policy") if ".boundary" in f".{one.block}"]
    for role in _roles(world, "workers"):
        documents = documents_of(world, role.address)
        for action, resource in wanted:
            if any(documents) and not allowed(documents, action, resource, ours):
                yield f"{role['name']} may not {action} {resource}"
            if not all(allowed([ceiling], action, resource, ours) for ceiling in ceilings):
                yield f"the ceiling of {role['name']} shuts {action} out"
        for action, resource in wanted[1:3]:
            if allowed(documents, action, resource):
                yield f"{role['name']} may {action} of others, which lack its tag"


def pull_requests_plan_and_no_more(world: World) -> Iterator[str]:
    for role in world.of("aws_iam_role"):
        subjects = [
            str(subject)
            for one in statements(role["assume_role_policy"])
            for name, wanted in one.get("Condition", {}).get("StringEquals", {}).items()
            for subject in listed(wanted)
            if name.endswith(":sub")
        ]
        if any(one.endswith(":pull_request") for one in subjects) and not str(role["name"]).endswith("-github-plan"):
            yield f"a pull request may become {role['name']}"


def production_trusts_an_approved_environment(world: World) -> Iterator[str]:
    for role in _roles(world, "github-deploy") if world.name == "production" else ():
        if ":environment:production" not in str(role["assume_role_policy"]) or ":ref:" in str(
            role["assume_role_policy"]
        ):
            yield f"{role['name']} trusts a branch, whose workflows need nobody's approval"


def no_role_hands_out_another(world: World) -> Iterator[str]:
    """Who may give any role to an instance of his own has the rights of every role; break-glass has them by design.

    AWS Backup, which alone takes its role, is given AWS's own policy for restores of instances.
    """
    for role in world.of("aws_iam_role"):
        taken_by = [one.get("Principal", {}).get("Service") for one in statements(role["assume_role_policy"])]
        if str(role["name"]).endswith("-break-glass") or taken_by == ["backup.amazonaws.com"]:
            continue
        documents = documents_of(world, role.address)
        target = f"arn:aws:iam::{ACCOUNT}:role/of-an-administrator"
        if allowed(documents, "iam:PassRole", target, {"iam:PassedToService": "ec2.amazonaws.com"}):
            yield f"{role['name']} may give any role to an instance"
        if allowed(documents, "ssm:CreateDocument", "*") and allowed(documents, "s3:DeleteBucket", "*"):
            yield f"{role['name']} may do everything"
    for one in world.of("aws_iam_role_policy_attachment"):
        if str(one["policy_arn"]).endswith("FullAccess"):
            yield f"{one.short} attaches {one['policy_arn']}: a whole service"


def _parameter(environment: str, name: str) -> str:
    return f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/webmarket/{environment}/settings/{name}".rstrip("/")


def _secret(name: str) -> str:
    return f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}"


RULES = (
    Rule(
        "workers may do their work",
        "A role does what both its policies and its ceiling allow.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
        workers_may_do_their_work,
    ),
    Rule(
        "pull requests plan, and no more",
        "Whoever writes a pull request chooses what its job runs.",
        "https://docs.github.com/en/actions/reference/security/oidc#filtering-for-pull_request-events",
        pull_requests_plan_and_no_more,
    ),
    Rule(
        "production trusts an approved environment",
        "The subject of a job in an environment names it, and the environment's reviewers stand before it.",
        "https://docs.github.com/en/actions/reference/security/oidc#filtering-for-a-specific-environment",
        production_trusts_an_approved_environment,
    ),
    Rule(
        "no role hands out another",
        "A right to pass any role to a service is the right of every role.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
        no_role_hands_out_another,
    ),
    Rule(
        "the role that plans can plan",
        "With use_lockfile, a plan writes and deletes an object beside the state, unless it goes without the lock.",
        "https://developer.hashicorp.com/terraform/language/backend/s3#permissions-required",
        plan_does_its_work,
    ),
    Rule(
        "a pull request reads its own environment alone",
        "ReadOnlyAccess reads every bucket, parameter, state and log of the account.",
        "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/ReadOnlyAccess.html",
        plan_reads_its_own_alone,
    ),
    Rule(
        "hosts read their own environment alone",
        "AmazonSSMManagedInstanceCore reads every parameter; rds!db-* is every database's master password.",
        "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSSMManagedInstanceCore.html",
        hosts_read_their_own_alone,
    ),
)

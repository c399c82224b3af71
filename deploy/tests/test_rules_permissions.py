"""Each role is allowed what is called as it, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from aws_calls import RECORDER, Call, as_text, calls_of, recorded, targets
from environment_plan import ACCOUNT
from local import ROOT
from rules import permissions
from rules.permissions import callers, rights
from rules.world import World

from .planned import problems_of, world

EVERYTHING = {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}
FILES = f"webmarket-staging-files-{ACCOUNT}"


def role(kind: str, *statements: dict, more: tuple = (), references: dict | None = None) -> World:
    return world(
        ("aws_iam_role.this", {"name": f"webmarket-staging-{kind}"}),
        ("aws_iam_role_policy.this", {"name": "shop", "policy": json.dumps({"Statement": list(statements)})}),
        *more,
        references={"aws_iam_role_policy.this": {"role": "aws_iam_role.this.id"}, **(references or {})},
        name="staging",
    )


def never(action: str, resource: str = "*") -> dict:
    return {"Sid": "Never", "Effect": "Deny", "Action": action, "Resource": resource}


@pytest.mark.parametrize("kind", permissions.ROLES)
def test_a_role_that_may_do_everything_lacks_nothing(kind):
    assert problems_of(permissions.missing, role(kind, EVERYTHING)) == []
    assert problems_of(permissions.missing, role(kind, never("*")))


@pytest.mark.parametrize(
    ("kind", "action", "asked_by"),
    [
        ("web", "ssm:GetParametersByPath", "deploy/host/settings.py"),
        ("web", "ec2:DescribeTags", "amazon-cloudwatch-agent"),
        ("web", "sqs:SendMessage", "kombu"),
        ("workers", "autoscaling:CompleteLifecycleAction", "deploy/host/drain.py"),
        ("workers", "s3:ListBucket", "storages"),
        ("workers", "iam:GetAccountSummary", "apps/operations/services/audit/asking.py"),
        ("github-deploy", "iam:PassRole", "deploy/bin/migrate"),
        ("github-deploy", "ec2:RunInstances", "deploy/bin/roll_out"),
        ("deployer", "cloudfront:CreateInvalidation", "deploy/bin/roll_out"),
        ("github-build", "ec2:RegisterImage", "packer"),
    ],
)
def test_a_call_without_its_right_is_named(kind, action, asked_by):
    problems = problems_of(permissions.missing, role(kind, EVERYTHING, never(action)))
    assert any(f"{kind} may not {action} " in one and asked_by in one for one in problems)
    assert all(action in one for one in problems)


def test_a_ceiling_is_asked_too():
    ceiling = ("aws_iam_policy.boundary", {"name": "ceiling", "policy": json.dumps({"Statement": [never("sns:*")]})})
    under = role(
        "workers",
        EVERYTHING,
        more=(ceiling,),
        references={"aws_iam_role.this": {"permissions_boundary": "aws_iam_policy.boundary.arn"}},
    )
    problems = problems_of(permissions.missing, under)
    assert any("sns:Publish" in one and "denied by ceiling/Never" in one for one in problems)


def test_a_bucket_that_refuses_is_named():
    refusing = {**never("s3:GetObject", f"arn:aws:s3:::{FILES}/media/*"), "Principal": "*"}
    bucket = (
        ("aws_s3_bucket.files", {"bucket": FILES}),
        ("aws_s3_bucket_policy.files", {"bucket": FILES, "policy": json.dumps({"Statement": [refusing]})}),
    )
    problems = problems_of(permissions.missing, role("web", EVERYTHING, more=bucket))
    assert {one.split("(")[1].split(")")[0] for one in problems} == {"denied by aws_s3_bucket_policy.files/Never"}


def test_a_right_that_nothing_uses_is_named():
    alone = {"Sid": "Alone", "Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:PurgeQueue"], "Resource": "*"}
    problems = problems_of(permissions.unused, role("web", alone))
    assert problems == ["webmarket-staging-web: Alone allows sqs:PurgeQueue on *, and nothing asks for it"]


def test_a_right_on_something_else_than_what_is_used_is_named():
    places = [f"arn:aws:s3:::{FILES}/media/*", f"arn:aws:s3:::{FILES}/private/*"]
    problems = problems_of(
        permissions.unused, role("web", {**EVERYTHING, "Action": "s3:GetObject", "Resource": places})
    )
    assert len(problems) == 1
    assert "/private/*" in problems[0]


def test_a_right_whose_condition_no_call_meets_is_named():
    tagged = {**EVERYTHING, "Action": "rds:DeleteDBSnapshot"}
    tagged["Condition"] = {"StringEquals": {"rds:db-snapshot-tag/MadeBy": "somebody"}}
    assert len(problems_of(permissions.unused, role("workers", tagged))) == 1


def test_a_policy_that_waits_for_apply_is_read_from_what_its_source_is_given():
    planned = role("workers", EVERYTHING)
    late = {"sid": "ReadPassword", "actions": ["secretsmanager:GetSecretValue"], "resources": [None], "effect": None}
    planned.late_documents = {"data.aws_iam_policy_document.late[0]": {"statement": [late]}}
    (policy,) = planned.of("aws_iam_role_policy")
    policy.values["policy"] = None
    planned.configuration["resources"][0]["expressions"]["policy"] = {
        "references": ["data.aws_iam_policy_document.late[0].json"]
    }
    (statement,) = planned.document(policy, "policy")
    assert statement["Action"] == ["secretsmanager:GetSecretValue"]
    assert statement["Resource"] == ["(known after apply)"]


def test_every_recorded_call_has_its_rights_and_roles():
    for call in recorded():
        assert callers(call)
        for right in rights(role("web"), call):
            assert ":" in right.action
            assert "{" not in right.resource


def test_what_is_kept_is_what_is_read(monkeypatch, tmp_path):
    monkeypatch.setattr("aws_calls.RECORDED", tmp_path / "calls.json")
    calls = [Call("kombu", "sqs.SendMessage", "{name}-default"), Call("storages", "s3.PutObject", "{files}/media/…")]
    (tmp_path / "calls.json").write_text(as_text(calls))
    assert recorded() == calls


@pytest.mark.parametrize(
    ("call", "named", "found"),
    [
        ("s3.PutObject", {"Bucket": "b", "Key": "media/a/b.webp"}, ["{files}/media/…"]),
        ("s3.DeleteObjects", {"Bucket": "b", "Delete": {"Objects": [{"Key": "media/a"}]}}, ["{files}/media/…"]),
        ("rds.DeleteDBSnapshot", {"DBSnapshotIdentifier": "snap-shop-2026-11-28"}, ["snapshot:snap-{name}-…"]),
        ("ssm.PutParameter", {"Name": "/webmarket/images/v2"}, ["/webmarket/images/…"]),
        ("sqs.SendMessage", {"QueueUrl": "http://x/1/q-default"}, ["{name}-default", "{name}-operations"]),
        ("secretsmanager.GetSecretValue", {"SecretId": "/webmarket/staging/x"}, ["/webmarket/{environment}/x"]),
        ("ec2.DescribeInstances", {}, ["*"]),
    ],
)
def test_targets_carry_no_name_of_a_test(call, named, found):
    assert targets(call, named, {"shop": "database"}, "storages") == found


RECORDED_SCRIPT = """
import sys
sys.path.insert(0, "deploy/bin")
import boto3, release
from botocore.client import BaseClient
BaseClient._make_api_call = lambda *_: {"Parameter": {"Value": ""}}
boto3.client("ssm", region_name="eu-west-3").put_parameter(Name="/x", Value="by the script", Type="String")
release.parameter("/webmarket/images/v2")
"""


def test_the_recorder_sees_calls_of_the_repository_alone(tmp_path):
    calls = tmp_path / "calls.jsonl"
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    subprocess.run(
        [sys.executable, "-c", RECORDED_SCRIPT],
        cwd=ROOT,
        env={"PYTHONPATH": str(RECORDER), "WEBMARKET_CALLS_FILE": str(calls), **keys},
        check=True,
    )
    (line,) = calls.read_text().splitlines()
    assert list(calls_of(json.loads(line))) == [
        Call("deploy/bin/release.py", "ssm.GetParameter", "/webmarket/images/…")
    ]

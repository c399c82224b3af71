"""deploy/bin/bootstrap on an empty account: what is missing, and what is made of it."""

import json
from importlib import import_module

import boto3
import pytest
from beyond_moto import ACCOUNT


def refused():
    return import_module("release").Refused


def states() -> dict:
    s3, bucket = boto3.client("s3"), f"webmarket-states-{ACCOUNT}"
    return {
        "versions": s3.get_bucket_versioning(Bucket=bucket)["Status"],
        "block": all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()),
        "policy": json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"][0]["Condition"],
    }


def test_an_empty_account_gets_all_but_what_aws_must_grant(bootstrap, beyond_moto):
    code, says = bootstrap()
    assert code == 1
    assert "not yet: processors of standard instances: 5, of 32: asked for, and AWS has not answered" in says
    assert beyond_moto.asked == {"L-1216C47A": 32.0}
    beyond_moto.quotas["L-1216C47A"] = 32.0
    assert bootstrap()[0] == 0
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    assert states() == {"versions": "Enabled", "block": True, "policy": plain}
    assert boto3.client("cloudtrail").get_trail_status(Name="webmarket-account")["IsLogging"]
    assert boto3.client("s3control").get_public_access_block(AccountId=ACCOUNT)["PublicAccessBlockConfiguration"]
    assert beyond_moto.sharing == "block-all-sharing"
    assert set(beyond_moto.tags.values()) == {"Active"}


def test_a_second_run_changes_nothing(bootstrap, beyond_moto):
    beyond_moto.quotas["L-1216C47A"] = 32.0
    assert bootstrap()[0] == 0
    changed = list(beyond_moto.changes)
    assert changed
    assert bootstrap()[0] == 0
    assert beyond_moto.changes == changed


def test_a_dry_run_changes_nothing_and_says_what_it_would(bootstrap, beyond_moto):
    code, says = bootstrap("--dry-run")
    assert code == 0
    assert beyond_moto.changes == []
    for what in ("create the bucket webmarket-states", "let GuardDuty look", "record every call", "draw the boundary"):
        assert f"would {what}" in says


def test_what_somebody_undid_is_made_again(bootstrap, beyond_moto):
    beyond_moto.quotas["L-1216C47A"] = 32.0
    bootstrap()
    del beyond_moto.changes[:]
    boto3.client("s3").put_bucket_versioning(
        Bucket=f"webmarket-states-{ACCOUNT}", VersioningConfiguration={"Status": "Suspended"}
    )
    boto3.client("cloudtrail").stop_logging(Name="webmarket-account")
    code, says = bootstrap()
    assert code == 0
    assert "the trail is there, and stopped" in says
    assert states()["versions"] == "Enabled"
    assert boto3.client("cloudtrail").get_trail_status(Name="webmarket-account")["IsLogging"]


def test_the_boundary_is_drawn_anew_and_keeps_five_versions(bootstrap, beyond_moto):
    beyond_moto.quotas["L-1216C47A"] = 32.0
    bootstrap()
    iam, arn = boto3.client("iam"), f"arn:aws:iam::{ACCOUNT}:policy/webmarket-account-boundary"
    other = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    for _number in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=other, SetAsDefault=True)
    assert bootstrap()[0] == 0
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    default = next(one["VersionId"] for one in versions if one["IsDefaultVersion"])
    document = iam.get_policy_version(PolicyArn=arn, VersionId=default)["PolicyVersion"]["Document"]
    assert len(versions) == 5
    assert {"NeverBlind", "NeverOpen", "NeverLeave"} <= {one["Sid"] for one in document["Statement"]}


def test_another_account_and_root_are_refused(bootstrap, beyond_moto):
    with pytest.raises(refused(), match="not of 999999999999"):
        bootstrap(account="999999999999")
    beyond_moto.arn = f"arn:aws:iam::{ACCOUNT}:root"
    with pytest.raises(refused(), match="root's credentials"):
        bootstrap()
    assert beyond_moto.changes == []

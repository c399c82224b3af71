"""Buckets of states and trails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from release import Step, client

from account.facts import PUBLIC_BLOCK, TRAIL, Account, answer_or_none

OLD_STATE_DAYS = 90


def _tls_only(bucket: str) -> dict:
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _trail_may_write(account: Account) -> list[dict]:
    source = {"StringEquals": {"aws:SourceArn": f"arn:aws:cloudtrail:{account.region}:{account.id}:trail/{TRAIL}"}}
    cloudtrail = {"Service": "cloudtrail.amazonaws.com"}
    bucket = f"arn:aws:s3:::{account.trails}"
    return [
        {
            "Sid": "AskForAcl",
            "Effect": "Allow",
            "Principal": cloudtrail,
            "Action": "s3:GetBucketAcl",
            "Resource": bucket,
        }
        | {"Condition": source},
        {
            "Sid": "WriteTrail",
            "Effect": "Allow",
            "Principal": cloudtrail,
            "Action": "s3:PutObject",
            "Resource": f"{bucket}/AWSLogs/{account.id}/*",
            "Condition": {"StringEquals": {**source["StringEquals"], "s3:x-amz-acl": "bucket-owner-full-control"}},
        },
    ]


def _policy(account: Account, bucket: str) -> dict:
    more = _trail_may_write(account) if bucket == account.trails else []
    return {"Version": "2012-10-17", "Statement": [_tls_only(bucket), *more]}


def _rules(days: int, *, expire: bool) -> list[dict]:
    rule: dict[str, Any] = {
        "ID": "old-versions",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": days},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }
    return [{**rule, "Expiration": {"Days": days}} if expire else rule]


def missing_of_bucket(account: Account, bucket: str) -> Iterator[str]:
    s3 = client("s3")
    if answer_or_none(s3.head_bucket, "404", "NoSuchBucket", Bucket=bucket) is None:
        yield f"the bucket {bucket}"
        return
    if s3.get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled":
        yield f"versions in {bucket}: a state that is overwritten cannot be had back"
    block = answer_or_none(s3.get_public_access_block, "NoSuchPublicAccessBlockConfiguration", Bucket=bucket)
    if not block or block["PublicAccessBlockConfiguration"] != PUBLIC_BLOCK:
        yield f"the public access block of {bucket}"
    encrypted = answer_or_none(
        s3.get_bucket_encryption, "ServerSideEncryptionConfigurationNotFoundError", Bucket=bucket
    )
    if not encrypted:
        yield f"encryption of {bucket}"
    policy = answer_or_none(s3.get_bucket_policy, "NoSuchBucketPolicy", Bucket=bucket)
    if not policy or json.loads(policy["Policy"]) != _policy(account, bucket):
        yield f"the policy of {bucket}, which asks for TLS"
    if not answer_or_none(s3.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration", Bucket=bucket):
        yield f"an end of old versions in {bucket}"


def make_bucket(step: Step, account: Account, bucket: str, days: int, *, expire: bool) -> None:
    s3 = client("s3")
    if answer_or_none(s3.head_bucket, "404", "NoSuchBucket", Bucket=bucket) is None:
        where = {} if account.region == "us-east-1" else {"LocationConstraint": account.region}
        given = {"Bucket": bucket, **({"CreateBucketConfiguration": where} if where else {})}
        step.act(f"create the bucket {bucket}", s3.create_bucket, **given)
    act = step.act
    act(f"close {bucket}", s3.put_public_access_block, Bucket=bucket, PublicAccessBlockConfiguration=PUBLIC_BLOCK)
    enabled = {"Status": "Enabled"}
    act(f"keep versions in {bucket}", s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration=enabled)
    algorithm = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    act(f"encrypt {bucket}", s3.put_bucket_encryption, Bucket=bucket, ServerSideEncryptionConfiguration=algorithm)
    policy = json.dumps(_policy(account, bucket))
    act(f"ask for TLS in {bucket}", s3.put_bucket_policy, Bucket=bucket, Policy=policy)
    rules = {"Rules": _rules(days, expire=expire)}
    act(
        f"end old versions in {bucket}",
        s3.put_bucket_lifecycle_configuration,
        Bucket=bucket,
        LifecycleConfiguration=rules,
    )


def missing_states(account: Account) -> Iterator[str]:
    yield from missing_of_bucket(account, account.states)


def make_states(step: Step, account: Account) -> None:
    make_bucket(step, account, account.states, OLD_STATE_DAYS, expire=False)

"""What nobody may open, who may come, and how far."""

from __future__ import annotations

import json
from collections.abc import Iterator

from release import Step, client

from account.facts import BOUNDARY, GITHUB, PUBLIC_BLOCK, Account, answer_or_none


def missing_blocks(account: Account) -> Iterator[str]:
    s3, ec2 = client("s3control"), client("ec2")
    absent = "NoSuchPublicAccessBlockConfiguration"
    block = answer_or_none(s3.get_public_access_block, absent, AccountId=account.id)
    if not block or block["PublicAccessBlockConfiguration"] != PUBLIC_BLOCK:
        yield "S3's public access block of the account"
    if not ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"]:
        yield "encryption of every new volume"
    if ec2.get_snapshot_block_public_access_state()["State"] != "block-all-sharing":
        yield "EBS's block of public snapshots"


def make_blocks(step: Step, account: Account) -> None:
    s3, ec2 = client("s3control"), client("ec2")
    given = {"AccountId": account.id, "PublicAccessBlockConfiguration": PUBLIC_BLOCK}
    step.act("let no bucket of the account be public", s3.put_public_access_block, **given)
    step.act("encrypt every new volume", ec2.enable_ebs_encryption_by_default)
    step.act("let no snapshot be public", ec2.enable_snapshot_block_public_access, State="block-all-sharing")


def missing_provider(account: Account) -> Iterator[str]:
    if not account.repository:
        return
    iam = client("iam")
    found = answer_or_none(iam.get_open_id_connect_provider, "NoSuchEntity", OpenIDConnectProviderArn=account.provider)
    if not found or "sts.amazonaws.com" not in found["ClientIDList"]:
        yield f"GitHub's identity provider, by which {account.repository} becomes a role"


def make_provider(step: Step, account: Account) -> None:
    iam = client("iam")
    found = answer_or_none(iam.get_open_id_connect_provider, "NoSuchEntity", OpenIDConnectProviderArn=account.provider)
    if found is None:
        given = {"Url": f"https://{GITHUB}", "ClientIDList": ["sts.amazonaws.com"]}
        step.act("let GitHub say who its jobs are", iam.create_open_id_connect_provider, **given)
    else:
        given = {"OpenIDConnectProviderArn": account.provider, "ClientID": "sts.amazonaws.com"}
        step.act("let GitHub speak to STS", iam.add_client_id_to_open_id_connect_provider, **given)


def boundary_document(account: Account) -> dict:
    """What no role under it may do, whatever its policies say: see less, keep less, or leave the boundary."""
    denied = {
        "NeverBlind": [
            *(
                "cloudtrail:DeleteTrail",
                "cloudtrail:StopLogging",
                "cloudtrail:UpdateTrail",
                "cloudtrail:PutEventSelectors",
            ),
            *("guardduty:DeleteDetector", "guardduty:UpdateDetector", "access-analyzer:DeleteAnalyzer"),
        ],
        "NeverOpen": [
            *("s3:PutAccountPublicAccessBlock", "ec2:DisableEbsEncryptionByDefault"),
            "ec2:DisableSnapshotBlockPublicAccess",
        ],
        "NeverLeave": ["iam:DeleteRolePermissionsBoundary", "organizations:LeaveOrganization", "account:CloseAccount"],
    }
    statements = [{"Sid": sid, "Effect": "Deny", "Action": actions, "Resource": "*"} for sid, actions in denied.items()]
    own = ["iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:SetDefaultPolicyVersion"]
    buckets = [f"arn:aws:s3:::{name}{end}" for name in (account.states, account.trails) for end in ("", "/*")]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "AllElse", "Effect": "Allow", "Action": "*", "Resource": "*"},
            *statements,
            {"Sid": "NeverThisPolicy", "Effect": "Deny", "Action": own, "Resource": account.boundary},
            {
                "Sid": "NeverTheseBuckets",
                "Effect": "Deny",
                "Action": ["s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteObjectVersion"],
                "Resource": buckets,
            },
        ],
    }


def _present_boundary(account: Account) -> dict | None:
    iam = client("iam")
    found = answer_or_none(iam.get_policy, "NoSuchEntity", PolicyArn=account.boundary)
    if found is None:
        return None
    version = found["Policy"]["DefaultVersionId"]
    return iam.get_policy_version(PolicyArn=account.boundary, VersionId=version)["PolicyVersion"]["Document"]


def missing_boundary(account: Account) -> Iterator[str]:
    if _present_boundary(account) != boundary_document(account):
        yield f"the boundary {BOUNDARY} for operators' roles"


def make_boundary(step: Step, account: Account) -> None:
    iam, document = client("iam"), json.dumps(boundary_document(account))
    if _present_boundary(account) is None:
        step.act("draw the boundary", iam.create_policy, PolicyName=BOUNDARY, PolicyDocument=document)
        return
    # IAM holds five versions of a policy.
    versions = iam.list_policy_versions(PolicyArn=account.boundary)["Versions"]
    former = sorted((one for one in versions if not one["IsDefaultVersion"]), key=lambda one: one["CreateDate"])
    if len(versions) >= 5:
        given = {"PolicyArn": account.boundary, "VersionId": former[0]["VersionId"]}
        step.act("delete the boundary's oldest version", iam.delete_policy_version, **given)
    given = {"PolicyArn": account.boundary, "PolicyDocument": document, "SetAsDefault": True}
    step.act("draw the boundary anew", iam.create_policy_version, **given)

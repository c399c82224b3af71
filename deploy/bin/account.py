"""What an AWS account must have before the first environment: each item says what is missing of it, and makes it.

An item is read first and changed only where something is missing, so that all of them can be repeated;
deploy/bin/doctor reads the same items and changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from release import Refused, Step, client

GITHUB = "token.actions.githubusercontent.com"
PUBLIC_BLOCK = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
COST_TAGS = ("CostCentre", "Environment", "ManagedBy", "Owner", "Project")
TRAIL = "webmarket-account"
ANALYZER = "webmarket-account"
BUDGET = "webmarket-account"
BOUNDARY = "webmarket-account-boundary"
OLD_STATE_DAYS, OLD_TRAIL_DAYS = 90, 400
# https://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html: production runs 8 processors and, during a
# release, 16; a new account may start with 5. Five addresses hold the NAT gateways of three environments, and one
# more.
QUOTAS = (
    ("ec2", "L-1216C47A", 32, "processors of standard instances"),
    ("ec2", "L-0263D0A3", 6, "Elastic IP addresses"),
    ("vpc", "L-F678F1CE", 5, "networks"),
    ("vpc", "L-0EA8095F", 60, "rules of a security group"),
    ("rds", "L-7B6409FD", 6, "databases"),
)
PENDING = ("PENDING", "CASE_OPENED")


@dataclass(frozen=True)
class Account:
    id: str
    region: str
    emails: tuple[str, ...] = ()
    budget: int = 0
    # owner/name on GitHub, where the pipeline runs; nothing without one.
    repository: str = ""

    @property
    def states(self) -> str:
        return f"webmarket-states-{self.id}"

    @property
    def trails(self) -> str:
        return f"webmarket-trails-{self.id}"

    @property
    def provider(self) -> str:
        return f"arn:aws:iam::{self.id}:oidc-provider/{GITHUB}"

    @property
    def boundary(self) -> str:
        return f"arn:aws:iam::{self.id}:policy/{BOUNDARY}"


@dataclass(frozen=True)
class Item:
    name: str
    because: str
    missing: Callable[[Account], Iterator[str]]
    make: Callable[[Step, Account], None]


def this_account(region: str, expected: str = "", **more: Any) -> Account:
    """Raises Refused for another account than the one that was named, and for root, who needs no rights to be wrong."""
    caller = client("sts").get_caller_identity()
    if expected and caller["Account"] != expected:
        raise Refused(f"These credentials are of the account {caller['Account']}, not of {expected}.")
    if caller["Arn"].endswith(":root"):
        raise Refused("These are root's credentials: sign in as an administrator, and lock root's keys away.")
    return Account(caller["Account"], region, **more)


def _found(call: Callable[..., dict], *absent: str, **given: Any) -> dict | None:
    """AWS's answer, or None where it says by one of these codes that there is none."""
    from botocore.exceptions import ClientError

    try:
        return call(**given)
    except ClientError as error:
        if error.response["Error"]["Code"] in absent:
            return None
        raise


# --- Buckets of states and trails -----------------------------------------------------------------------------------


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


def _missing_of_bucket(account: Account, bucket: str) -> Iterator[str]:
    s3 = client("s3")
    if _found(s3.head_bucket, "404", "NoSuchBucket", Bucket=bucket) is None:
        yield f"the bucket {bucket}"
        return
    if s3.get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled":
        yield f"versions in {bucket}: a state that is overwritten cannot be had back"
    block = _found(s3.get_public_access_block, "NoSuchPublicAccessBlockConfiguration", Bucket=bucket)
    if not block or block["PublicAccessBlockConfiguration"] != PUBLIC_BLOCK:
        yield f"the public access block of {bucket}"
    encrypted = _found(s3.get_bucket_encryption, "ServerSideEncryptionConfigurationNotFoundError", Bucket=bucket)
    if not encrypted:
        yield f"encryption of {bucket}"
    policy = _found(s3.get_bucket_policy, "NoSuchBucketPolicy", Bucket=bucket)
    if not policy or json.loads(policy["Policy"]) != _policy(account, bucket):
        yield f"the policy of {bucket}, which asks for TLS"
    if not _found(s3.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration", Bucket=bucket):
        yield f"an end of old versions in {bucket}"


def _make_bucket(step: Step, account: Account, bucket: str, days: int, *, expire: bool) -> None:
    s3 = client("s3")
    if _found(s3.head_bucket, "404", "NoSuchBucket", Bucket=bucket) is None:
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
    yield from _missing_of_bucket(account, account.states)


def make_states(step: Step, account: Account) -> None:
    _make_bucket(step, account, account.states, OLD_STATE_DAYS, expire=False)


# --- What nobody may open -------------------------------------------------------------------------------------------


def missing_blocks(account: Account) -> Iterator[str]:
    s3, ec2 = client("s3control"), client("ec2")
    absent = "NoSuchPublicAccessBlockConfiguration"
    block = _found(s3.get_public_access_block, absent, AccountId=account.id)
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


# --- Who may come, and how far --------------------------------------------------------------------------------------


def missing_provider(account: Account) -> Iterator[str]:
    if not account.repository:
        return
    iam = client("iam")
    found = _found(iam.get_open_id_connect_provider, "NoSuchEntity", OpenIDConnectProviderArn=account.provider)
    if not found or "sts.amazonaws.com" not in found["ClientIDList"]:
        yield f"GitHub's identity provider, by which {account.repository} becomes a role"


def make_provider(step: Step, account: Account) -> None:
    iam = client("iam")
    found = _found(iam.get_open_id_connect_provider, "NoSuchEntity", OpenIDConnectProviderArn=account.provider)
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
    found = _found(iam.get_policy, "NoSuchEntity", PolicyArn=account.boundary)
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


# --- Who looks on ---------------------------------------------------------------------------------------------------


def missing_trail(account: Account) -> Iterator[str]:
    yield from _missing_of_bucket(account, account.trails)
    cloudtrail = client("cloudtrail")
    found = cloudtrail.describe_trails(trailNameList=[TRAIL])["trailList"]
    whole = [one for one in found if one["IsMultiRegionTrail"] and one["LogFileValidationEnabled"]]
    if not whole:
        yield "a trail of every region, whose files can be verified"
    elif not cloudtrail.get_trail_status(Name=TRAIL)["IsLogging"]:
        yield "the trail is there, and stopped"


def make_trail(step: Step, account: Account) -> None:
    _make_bucket(step, account, account.trails, OLD_TRAIL_DAYS, expire=True)
    cloudtrail = client("cloudtrail")
    given = {
        "Name": TRAIL,
        "S3BucketName": account.trails,
        "IsMultiRegionTrail": True,
        "IncludeGlobalServiceEvents": True,
        "EnableLogFileValidation": True,
    }
    there = cloudtrail.describe_trails(trailNameList=[TRAIL])["trailList"]
    step.act("record every call", cloudtrail.update_trail if there else cloudtrail.create_trail, **given)
    step.act("begin to record", cloudtrail.start_logging, Name=TRAIL)


def missing_watch(account: Account) -> Iterator[str]:
    guardduty = client("guardduty")
    detectors = guardduty.list_detectors()["DetectorIds"]
    if not any(guardduty.get_detector(DetectorId=one)["Status"] == "ENABLED" for one in detectors):
        yield "GuardDuty"
    analyzers = client("accessanalyzer").list_analyzers(type="ACCOUNT")["analyzers"]
    if not any(one["status"] in ("ACTIVE", "CREATING") for one in analyzers):
        yield "Access Analyzer"


def make_watch(step: Step, account: Account) -> None:
    missing = set(missing_watch(account))
    guardduty = client("guardduty")
    detectors = guardduty.list_detectors()["DetectorIds"]
    if "GuardDuty" in missing and detectors:
        step.act("let GuardDuty look again", guardduty.update_detector, DetectorId=detectors[0], Enable=True)
    elif "GuardDuty" in missing:
        step.act("let GuardDuty look", guardduty.create_detector, Enable=True)
    if "Access Analyzer" in missing:
        given = {"analyzerName": ANALYZER, "type": "ACCOUNT"}
        step.act("let Access Analyzer look", client("accessanalyzer").create_analyzer, **given)


# --- Money and room -------------------------------------------------------------------------------------------------


def missing_budget(account: Account) -> Iterator[str]:
    if not account.budget:
        return
    given = {"AccountId": account.id, "BudgetName": BUDGET}
    found = _found(client("budgets").describe_budget, "NotFoundException", **given)
    if not found or float(found["Budget"]["BudgetLimit"]["Amount"]) != account.budget:
        yield f"a budget of {account.budget} $ for the account"


def make_budget(step: Step, account: Account) -> None:
    budgets = client("budgets")
    limit = {"Amount": str(account.budget), "Unit": "USD"}
    budget = {"BudgetName": BUDGET, "BudgetLimit": limit, "TimeUnit": "MONTHLY", "BudgetType": "COST"}
    given = {"AccountId": account.id, "BudgetName": BUDGET}
    if _found(budgets.describe_budget, "NotFoundException", **given):
        step.act(f"set the budget to {account.budget} $", budgets.update_budget, AccountId=account.id, NewBudget=budget)
        return
    subscribers = [{"SubscriptionType": "EMAIL", "Address": one} for one in account.emails]
    notifications = [
        {
            "Notification": {
                "NotificationType": kind,
                "ComparisonOperator": "GREATER_THAN",
                "Threshold": threshold,
                "ThresholdType": "PERCENTAGE",
            },
            "Subscribers": subscribers,
        }
        for kind, threshold in (("ACTUAL", 80.0), ("FORECASTED", 100.0))
    ]
    given = {"AccountId": account.id, "Budget": budget, "NotificationsWithSubscribers": notifications}
    step.act(f"set a budget of {account.budget} $", budgets.create_budget, **given)


def _cost_tags() -> dict[str, str]:
    found = client("ce").list_cost_allocation_tags(Type="UserDefined", TagKeys=list(COST_TAGS))["CostAllocationTags"]
    return {one["TagKey"]: one["Status"] for one in found}


def missing_cost_tags(account: Account) -> Iterator[str]:
    """A tag can be activated a day after it was first used: until then there is nothing to do."""
    if inactive := sorted(tag for tag, status in _cost_tags().items() if status != "Active"):
        yield f"the cost allocation tags {', '.join(inactive)}, by which environments' budgets count"


def make_cost_tags(step: Step, account: Account) -> None:
    given = [{"TagKey": tag, "Status": "Active"} for tag, status in _cost_tags().items() if status != "Active"]
    step.act("count by tags", client("ce").update_cost_allocation_tags_status, CostAllocationTagsStatus=given)


def _short_quotas() -> Iterator[tuple[str, str, int, str, float]]:
    quotas = client("service-quotas")
    for service, code, wanted, what in QUOTAS:
        given = {"ServiceCode": service, "QuotaCode": code}
        found = _found(quotas.get_service_quota, "NoSuchResourceException", **given)
        value = (found or quotas.get_aws_default_service_quota(**given))["Quota"]["Value"]
        if value < wanted:
            yield service, code, wanted, what, value


def _is_asked_for(service: str, code: str, wanted: int) -> bool:
    given = {"ServiceCode": service, "QuotaCode": code}
    asked = client("service-quotas").list_requested_service_quota_change_history_by_quota(**given)["RequestedQuotas"]
    return any(one["Status"] in PENDING and one["DesiredValue"] >= wanted for one in asked)


def missing_quotas(account: Account) -> Iterator[str]:
    for service, code, wanted, what, value in _short_quotas():
        waiting = ": asked for, and AWS has not answered" if _is_asked_for(service, code, wanted) else ""
        yield f"{what}: {value:.0f}, of {wanted}{waiting}"


def make_quotas(step: Step, account: Account) -> None:
    for service, code, wanted, what, _value in _short_quotas():
        if not _is_asked_for(service, code, wanted):
            given = {"ServiceCode": service, "QuotaCode": code, "DesiredValue": float(wanted)}
            step.act(f"ask for {wanted} {what}", client("service-quotas").request_service_quota_increase, **given)


ITEMS = (
    Item("states", "Terraform's states, their versions and their lock", missing_states, make_states),
    Item("blocks", "nothing of the account can be made public", missing_blocks, make_blocks),
    Item("provider", "the pipeline comes without a key", missing_provider, make_provider),
    Item("boundary", "what no operator's role may do", missing_boundary, make_boundary),
    Item("trail", "who did what, for 400 days", missing_trail, make_trail),
    Item("watch", "somebody looks for what is unusual or open", missing_watch, make_watch),
    Item("budget", "somebody hears of spending", missing_budget, make_budget),
    Item("cost tags", "spending is counted by environment", missing_cost_tags, make_cost_tags),
    Item("quotas", "an environment fits, twice over during a release", missing_quotas, make_quotas),
)

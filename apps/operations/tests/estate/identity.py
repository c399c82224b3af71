"""Users, roles, policies, KMS keys."""

import json
from datetime import timedelta
from typing import Any

from django.utils import timezone
from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam.models import iam_backends

from apps.operations.tests.estate.planting import FOREIGN, Estate, tags

OURS = DEFAULT_ACCOUNT_ID


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _policy(estate: Estate, name: str, statement: dict[str, Any]) -> str:
    """The policy's ARN; a group of its own holds it."""
    iam = estate("iam")
    arn: str = iam.create_policy(PolicyName=name, PolicyDocument=_document(statement))["Policy"]["Arn"]
    iam.create_group(GroupName=f"{name}-group")
    iam.attach_group_policy(GroupName=f"{name}-group", PolicyArn=arn)
    return arn


def _policies(estate: Estate) -> None:
    everything = _policy(estate, "everything", {"Effect": "Allow", "Action": ["*"], "Resource": ["*"]})
    estate.fault("IAM.1", "policy that allows everything", everything, "policy/everything")
    but = _policy(estate, "all-but-iam", {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"})
    estate.fault("IAM.1", "policy that allows everything but one service", but, "policy/all-but-iam")
    passing = _policy(
        estate, "pass-any", {"Effect": "Allow", "Action": ["ec2:RunInstances", "iam:Pass*"], "Resource": "*"}
    )
    estate.fault("PassRole on *", "policy that hands on any role", passing, "policy/pass-any")

    objects = {
        "Effect": "Allow",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::shop-media", "arn:aws:s3:::shop-media/*"],
    }
    narrow = _policy(estate, "media-writers", objects)
    estate.twin("IAM.1", "policy with every action on one bucket", narrow, "policy/media-writers")
    mfa = {
        "Effect": "Deny",
        "NotAction": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "sts:GetSessionToken"],
        "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    }
    estate.twin("IAM.1", "policy that denies all without MFA", _policy(estate, "mfa-first", mfa), "policy/mfa-first")
    one = {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": f"arn:aws:iam::{OURS}:role/functions",
        "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
    }
    estate.twin("PassRole on *", "policy that hands on one role", _policy(estate, "pass-one", one), "policy/pass-one")


def _role(estate: Estate, name: str, principal: Any, condition: dict[str, Any] | None = None, action: str = "") -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": action or "sts:AssumeRole"}
    if condition:
        statement["Condition"] = condition
    estate("iam").create_role(RoleName=name, AssumeRolePolicyDocument=_document(statement), Tags=tags(name))
    return f"role/{name}"


def _roles(estate: Estate) -> None:
    estate.fault("role for anyone", "role that anyone may assume", _role(estate, "anyone", {"AWS": "*"}))
    foreign = {"AWS": [f"arn:aws:iam::{FOREIGN}:root"]}
    estate.fault("ExternalId", "role for a foreign account without ExternalId", _role(estate, "supplier", foreign))
    named = _role(estate, "monitoring-firm", foreign, {"StringEquals": {"sts:ExternalId": "f2d7a1"}})
    estate.twin("ExternalId", "role for a foreign account with ExternalId", named)
    forge = _role(
        estate,
        "deployment",
        {"Federated": f"arn:aws:iam::{OURS}:oidc-provider/token.actions.githubusercontent.com"},
        {
            "StringEquals": {
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                "token.actions.githubusercontent.com:sub": "repo:shop/webmarket:environment:production",
            }
        },
        "sts:AssumeRoleWithWebIdentity",
    )
    estate.twin("role for anyone", "role for one repository's deployment", forge)


def _user(estate: Estate, name: str, *, console: bool, mfa: bool = False) -> str:
    iam = estate("iam")
    iam.create_user(UserName=name, Tags=tags(name))
    if console:
        iam.create_login_profile(UserName=name, Password="Not-a-real-1-password!")
    if mfa:
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(
            UserName=name, SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321"
        )
    return name


def _users(estate: Estate) -> None:
    iam = estate("iam")
    estate.fault("IAM.5", "console user without MFA", _user(estate, "paulette", console=True))
    iam.create_access_key(UserName=_user(estate, "robot-old", console=False))
    iam_backends[OURS]["aws"].users["robot-old"].access_keys[0].create_date = timezone.now() - timedelta(days=400)
    estate.fault("IAM.3", "access key of more than a year", "robot-old")
    _user(estate, "robot-two", console=False)
    for _ in range(2):
        iam.create_access_key(UserName="robot-two")
    estate.fault("two keys", "user with two active access keys", "robot-two")
    iam.create_access_key(UserName=_user(estate, "josiane", console=True, mfa=True))
    estate.twin("IAM.5", "console user with MFA and one young key", "josiane")
    estate.fault("IAM.9", "root user without MFA")
    estate.fault("IAM.7", "no password policy")


def _keys(estate: Estate) -> None:
    kms = estate("kms")

    def statement(principal: Any) -> dict[str, Any]:
        return {"Sid": "keys", "Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"}

    def key(name: str, *principals: Any, rotation: bool = True, **options: Any) -> str:
        policy = _document(*map(statement, principals or ({"AWS": f"arn:aws:iam::{OURS}:root"},)))
        number: str = kms.create_key(
            Description=name,
            Policy=policy,
            Tags=[{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in tags(name)],
            **options,
        )["KeyMetadata"]["KeyId"]
        if rotation:
            kms.enable_key_rotation(KeyId=number)
        return number

    estate.fault("KMS.4", "key that is never rotated", key("never-rotated", rotation=False))
    root = {"AWS": f"arn:aws:iam::{OURS}:root"}
    estate.fault("KMS.5", "key that anyone may use", key("for-anyone", root, {"AWS": "*"}))
    estate.twin("KMS.4", "rotated key of our own", key("ours"))
    signing = key("signing", rotation=False, KeyUsage="SIGN_VERIFY", KeySpec="RSA_2048")
    estate.twin("KMS.4", "signing key, which cannot be rotated", signing)


def plant(estate: Estate) -> None:
    _policies(estate)
    _roles(estate)
    _users(estate)
    _keys(estate)

from datetime import datetime
from typing import Any

from apps.operations.services.audit.asking import Ask
from apps.operations.services.audit.inventory import Inventory

KINDS = {"UserDetailList": "UserPolicyList", "GroupDetailList": "GroupPolicyList", "RoleDetailList": "RolePolicyList"}


def read_identity(ask: Ask, inventory: Inventory, region: str) -> None:
    """Users, roles, groups and policies. Service-linked roles of AWS are left out."""
    pages = ask("iam", "get_account_authorization_details", region=region)
    for page in pages:
        for kind, inline in KINDS.items():
            inventory.holders += [
                {
                    "Arn": each["Arn"],
                    "Region": "",
                    "Documents": {policy["PolicyName"]: policy["PolicyDocument"] for policy in each.get(inline, [])},
                    # Who may become a role.
                    "Trust": each.get("AssumeRolePolicyDocument", {}),
                    "Attached": [policy["PolicyArn"] for policy in each.get("AttachedManagedPolicies", [])],
                }
                for each in page.get(kind, [])
                if not each["Path"].startswith("/aws-service-role/")
            ]
        inventory.policies += [
            {
                "Arn": policy["Arn"],
                "Region": "",
                "Documents": {
                    version["VersionId"]: version["Document"]
                    for version in policy["PolicyVersionList"]
                    if version["IsDefaultVersion"]
                },
                "Holders": policy["AttachmentCount"],
            }
            for policy in page.get("Policies", [])
            if policy["Arn"].split(":")[4] == inventory.account
        ]
        inventory.users += [_user(ask, each, region) for each in page.get("UserDetailList", [])]
    policy = ask.one("iam", "get_account_password_policy", region=region).get("PasswordPolicy", {})
    inventory.password_policy = None if ask.failed("iam", region, "iam:GetAccountPasswordPolicy") else policy
    inventory.root = ask.one("iam", "get_account_summary", region=region).get("SummaryMap", {})


def _user(ask: Ask, user: dict[str, Any], region: str) -> dict[str, Any]:
    """`Factors` is None when AWS does not say."""
    name = user["UserName"]
    keys = ask.all("iam", "list_access_keys", "AccessKeyMetadata", region=region, UserName=name)
    factors = ask.all("iam", "list_mfa_devices", "MFADevices", region=region, UserName=name)
    hidden = ask.failed("iam", region, "iam:ListMFADevices")
    active: dict[str, datetime] = {key["AccessKeyId"]: key["CreateDate"] for key in keys if key["Status"] == "Active"}
    return {
        "Arn": user["Arn"],
        "Region": "",
        "Keys": active,
        "HasPassword": bool(ask.one("iam", "get_login_profile", region=region, UserName=name)),
        "Factors": None if hidden else len(factors),
    }

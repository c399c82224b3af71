from typing import Any

from apps.operations.services.audit.asking import Ask
from apps.operations.services.audit.inventory import Inventory
from apps.operations.services.audit.statements import admits_anybody, read_policy

WORLD = {
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
}
BLOCK = "PublicAccessBlockConfiguration"


def read_buckets(ask: Ask, inventory: Inventory, region: str) -> None:
    """Buckets with their public access and encryption. What AWS refuses to say is None, from which nothing follows."""
    of_account = ask.one("s3control", "get_public_access_block", region=region, AccountId=inventory.account)
    hidden = ask.failed("s3", region, "s3:GetAccountPublicAccessBlock")
    inventory.account_block = None if hidden else of_account.get(BLOCK, {})
    for bucket in ask.all("s3", "list_buckets", "Buckets", region=region):
        inventory.buckets.append(_described(ask, bucket["Name"], of_account.get(BLOCK, {}), region))


def _described(ask: Ask, name: str, of_account: dict[str, bool], region: str) -> dict[str, Any]:
    def asked(call: str) -> dict[str, Any]:
        return ask.one("s3", call, region=region, Bucket=name)

    def may_read(right: str) -> bool:
        return not ask.failed("s3", region, right)

    location = asked("get_bucket_location")
    own = asked("get_public_access_block").get(BLOCK, {})
    grants = asked("get_bucket_acl").get("Grants", [])
    status = asked("get_bucket_policy_status").get("PolicyStatus", {})
    policy = read_policy(asked("get_bucket_policy").get("Policy"))
    rules = asked("get_bucket_encryption").get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    return {
        "Arn": f"arn:aws:s3:::{name}",
        "Name": name,
        # AWS's oldest region has no name here.
        "Region": (location.get("LocationConstraint") or "us-east-1") if location else region,
        # A block of the account holds for each of its buckets.
        "Block": {**own, **{key: True for key, on in of_account.items() if on}},
        "BlockReadable": may_read("s3:GetBucketPublicAccessBlock") and may_read("s3:GetAccountPublicAccessBlock"),
        "PublicAcl": any(grant["Grantee"].get("URI") in WORLD for grant in grants),
        "PublicPolicy": bool(status.get("IsPublic")) or admits_anybody(policy),
        "Encrypted": bool(rules) if may_read("s3:GetEncryptionConfiguration") else None,
        "Policy": policy if may_read("s3:GetBucketPolicy") else None,
        "Versioned": asked("get_bucket_versioning").get("Status") == "Enabled"
        if may_read("s3:GetBucketVersioning")
        else None,
        "Rules": asked("get_bucket_lifecycle_configuration").get("Rules", [])
        if may_read("s3:GetLifecycleConfiguration")
        else None,
    }

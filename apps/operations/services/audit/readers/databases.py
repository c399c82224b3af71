from apps.operations.services.audit.asking import Ask
from apps.operations.services.audit.inventory import Inventory


def read_databases(ask: Ask, inventory: Inventory, region: str) -> None:
    inventory.databases += [
        {**each, "Arn": each["DBInstanceArn"], "Region": region}
        for each in ask.all("rds", "describe_db_instances", "DBInstances", region=region)
    ]
    manual = ask.all("rds", "describe_db_snapshots", "DBSnapshots", region=region, SnapshotType="manual")
    inventory.database_snapshots += [
        {
            **each,
            "Arn": each["DBSnapshotArn"],
            "Region": region,
            "IsPublic": _is_public(ask, region, each["DBSnapshotIdentifier"]),
        }
        for each in manual
    ]
    inventory.caches += [
        {**each, "Arn": each["ARN"], "Region": region}
        for each in ask.all("elasticache", "describe_replication_groups", "ReplicationGroups", region=region)
    ]
    for bought in ask.all(
        "rds", "describe_reserved_db_instances", "ReservedDBInstances", region=region, is_optional=True
    ):
        if bought["State"] == "active":
            kind = ("rds", bought["DBInstanceClass"])
            # A standby is covered like a second instance.
            count = bought["DBInstanceCount"] * (2 if bought["MultiAZ"] else 1)
            inventory.reserved[kind] = inventory.reserved.get(kind, 0) + count


def _is_public(ask: Ask, region: str, snapshot: str) -> bool:
    answer = ask.one("rds", "describe_db_snapshot_attributes", region=region, DBSnapshotIdentifier=snapshot)
    attributes = answer.get("DBSnapshotAttributesResult", {}).get("DBSnapshotAttributes", [])
    return any(each["AttributeName"] == "restore" and "all" in each.get("AttributeValues", []) for each in attributes)

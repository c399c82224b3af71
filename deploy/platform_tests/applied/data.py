"""Database, buckets and, for production, the second region."""

from __future__ import annotations

import json

from moto_server import REGION

from applied.aws import BUCKETS, Aws, Check, differs

SECOND_REGION = "eu-central-1"
PLAIN = {"Bool": {"aws:SecureTransport": "false"}}


def the_database_is_private_encrypted_and_has_a_standby(aws: Aws) -> str:
    database = aws.database()
    found = {name: database[name] for name in ("MultiAZ", "StorageEncrypted", "PubliclyAccessible")}
    return differs(found, {"MultiAZ": True, "StorageEncrypted": True, "PubliclyAccessible": False})


def the_database_is_of_the_size_that_is_paid(aws: Aws) -> str:
    found = aws.database()
    seen = (found["DBInstanceClass"], found["AllocatedStorage"], found["MaxAllocatedStorage"], found["StorageType"])
    return differs(seen, (aws.expected.database_class, *aws.expected.storage_gb, "gp3"))


def the_database_stands_in_the_isolated_subnets(aws: Aws) -> str:
    group = aws.database()["DBSubnetGroup"]
    return differs({one["SubnetIdentifier"] for one in group["Subnets"]}, aws.subnets()["database"])


def the_database_admits_its_group_alone(aws: Aws) -> str:
    found = [one["VpcSecurityGroupId"] for one in aws.database()["VpcSecurityGroups"]]
    return differs(found, [aws.security_groups()["database"]["GroupId"]])


def the_database_is_restorable_and_requires_tls(aws: Aws) -> str:
    rds, database = aws("rds"), aws.database()
    group = database["DBParameterGroups"][0]["DBParameterGroupName"]
    parameters = rds.describe_db_parameters(DBParameterGroupName=group)["Parameters"]
    tls = [one["ParameterValue"] for one in parameters if one["ParameterName"] == "require_secure_transport"]
    return differs((database["BackupRetentionPeriod"], tls), (aws.expected.backup_days, ["1"]))


def mysql_is_set_as_the_shop_counts_on(aws: Aws) -> str:
    group = aws.database()["DBParameterGroups"][0]["DBParameterGroupName"]
    parameters = aws("rds").describe_db_parameters(DBParameterGroupName=group)["Parameters"]
    given = {one["ParameterName"]: one.get("ParameterValue") for one in parameters}
    wanted = {
        "character_set_server": "utf8mb4",
        "collation_server": "utf8mb4_0900_ai_ci",
        "slow_query_log": "1",
        "long_query_time": "1",
        "log_output": "FILE",
        "innodb_ft_min_token_size": "2",
    }
    return differs({name: given.get(name) for name in wanted}, wanted)


def the_database_cannot_be_deleted_by_one_call(aws: Aws) -> str:
    return differs(aws.database()["DeletionProtection"], not aws.expected.disposable)


def rds_keeps_the_password_where_it_may(aws: Aws) -> str:
    return differs(bool(aws.database().get("MasterUserSecret")), aws.expected.managed_password)


def there_are_four_buckets_of_our_own(aws: Aws) -> str:
    found = {one for one in aws.buckets if "-copy-" not in one}
    return differs(found, {f"{aws.name}-{key}-123456789012" for key in BUCKETS})


def buckets_are_private_encrypted_and_require_tls(aws: Aws) -> str:
    s3, wrong = aws("s3"), []
    for bucket in aws.buckets:
        block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        statements = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
        s3.get_bucket_encryption(Bucket=bucket)
        tls = any(one["Effect"] == "Deny" and one.get("Condition") == PLAIN for one in statements)
        if not (all(block.values()) and len(block) == 4 and tls):
            wrong.append(bucket)
    return differs((len(aws.buckets), wrong), (7 if aws.expected.second_region else 4, []))


def backups_are_versioned_and_locked(aws: Aws) -> str:
    s3, bucket = aws("s3"), aws.bucket("backups")
    locked = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    found = (s3.get_bucket_versioning(Bucket=bucket)["Status"], locked["Mode"], locked["Days"])
    return differs(found, ("Enabled", "GOVERNANCE", 35))


def files_and_lake_are_versioned(aws: Aws) -> str:
    found = {key: aws("s3").get_bucket_versioning(Bucket=aws.bucket(key)).get("Status") for key in BUCKETS}
    return differs(found, {"files": "Enabled", "lake": "Enabled", "backups": "Enabled", "logs": None})


def old_things_end(aws: Aws) -> str:
    found = {}
    for key in BUCKETS:
        rules = aws("s3").get_bucket_lifecycle_configuration(Bucket=aws.bucket(key))["Rules"]
        found[key] = {one["ID"] for one in rules if one["Status"] == "Enabled"}
    return differs(
        found,
        {
            "files": {"abandoned-uploads", "unfinished-uploads", "old-versions"},
            "lake": {"abandoned-uploads", "old-versions"},
            "backups": {"abandoned-uploads", "to-glacier"},
            "logs": {"abandoned-uploads", "expire"},
        },
    )


def uploads_alone_end_after_a_day(aws: Aws) -> str:
    rules = aws("s3").get_bucket_lifecycle_configuration(Bucket=aws.bucket("files"))["Rules"]
    found = [one["Filter"].get("Prefix") for one in rules if one.get("Expiration", {}).get("Days") == 1]
    return differs(found, ["uploads/"])


def browsers_may_send_pictures_from_the_shop(aws: Aws) -> str:
    rules = aws("s3").get_bucket_cors(Bucket=aws.bucket("files"))["CORSRules"]
    seen = [(one["AllowedMethods"], one["AllowedOrigins"]) for one in rules]
    return differs(seen, [(["POST"], ["https://boutique.webmarket.example"])])


def requests_to_buckets_are_logged(aws: Aws) -> str:
    found = {
        key: aws("s3").get_bucket_logging(Bucket=aws.bucket(key)).get("LoggingEnabled", {}).get("TargetPrefix")
        for key in BUCKETS
    }
    return differs(found, {"files": "s3/files/", "lake": "s3/lake/", "backups": "s3/backups/", "logs": None})


def the_edge_reads_files_of_its_own_distribution(aws: Aws) -> str:
    """Those of the second region too."""
    distribution = aws("cloudfront").list_distributions()["DistributionList"]["Items"][0]["ARN"]
    found = []
    for bucket in (one for one in aws.buckets if one.startswith(f"{aws.name}-files-")):
        statements = json.loads(aws("s3").get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
        allowed = [one for one in statements if one["Effect"] == "Allow"]
        found += [(one["Principal"], one["Condition"]["StringEquals"]["AWS:SourceArn"]) for one in allowed]
    wanted = ({"Service": "cloudfront.amazonaws.com"}, distribution)
    return differs(found, [wanted] * (2 if aws.expected.second_region else 1))


def the_second_region_holds_a_replica(aws: Aws) -> str:
    found = aws("rds", SECOND_REGION).describe_db_instances()["DBInstances"]
    seen = [(one["DBInstanceIdentifier"], one["StorageEncrypted"], one["PubliclyAccessible"]) for one in found]
    return differs(seen, [(f"{aws.name}-standby", True, False)] if aws.expected.second_region else [])


def buckets_are_copied_to_the_second_region(aws: Aws) -> str:
    s3, found = aws("s3"), {}
    for key in ("files", "lake", "backups") if aws.expected.second_region else ():
        rules = s3.get_bucket_replication(Bucket=aws.bucket(key))["ReplicationConfiguration"]["Rules"]
        found[key] = [(one["Status"], one["Destination"]["Bucket"].rpartition(":")[2]) for one in rules]
    return differs(found, {key: [("Enabled", f"{aws.name}-{key}-copy-123456789012")] for key in found})


def nobody_reaches_the_second_region(aws: Aws) -> str:
    groups = aws("ec2", SECOND_REGION).describe_security_groups(
        Filters=[{"Name": "tag:Project", "Values": ["webmarket"]}]
    )
    found = [(one["GroupName"], rule) for one in groups["SecurityGroups"] for rule in one["IpPermissions"]]
    return differs((found, len(groups["SecurityGroups"]) > 0), ([], aws.expected.second_region))


def the_days_backup_is_started_from_outside_too(aws: Aws) -> str:
    """Where workers do not sleep at night."""
    found = [(one["Name"], one["Target"]["Arn"]) for one in aws("scheduler").list_schedules()["Schedules"]]
    queue = f"arn:aws:sqs:{REGION}:123456789012:{aws.name}-operations"
    return differs(found, [] if aws.expected.schedules else [(f"{aws.name}-backup", queue)])


CHECKS: tuple[Check, ...] = (
    the_database_is_private_encrypted_and_has_a_standby,
    the_database_is_of_the_size_that_is_paid,
    the_database_stands_in_the_isolated_subnets,
    the_database_admits_its_group_alone,
    the_database_is_restorable_and_requires_tls,
    mysql_is_set_as_the_shop_counts_on,
    the_database_cannot_be_deleted_by_one_call,
    rds_keeps_the_password_where_it_may,
    there_are_four_buckets_of_our_own,
    buckets_are_private_encrypted_and_require_tls,
    backups_are_versioned_and_locked,
    files_and_lake_are_versioned,
    old_things_end,
    uploads_alone_end_after_a_day,
    browsers_may_send_pictures_from_the_shop,
    requests_to_buckets_are_logged,
    the_edge_reads_files_of_its_own_distribution,
    the_second_region_holds_a_replica,
    buckets_are_copied_to_the_second_region,
    nobody_reaches_the_second_region,
    the_days_backup_is_started_from_outside_too,
)

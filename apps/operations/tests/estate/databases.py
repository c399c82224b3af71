"""RDS, its snapshots, DynamoDB."""

from typing import Any

from apps.operations.tests.estate.planting import Estate, tags

GOOD = {
    "Engine": "mysql",
    "EngineVersion": "8.4.6",
    "DBInstanceClass": "db.t4g.medium",
    "AllocatedStorage": 50,
    "StorageType": "gp3",
    "MasterUsername": "shop",
    "MasterUserPassword": "not-a-real-one-1",
    "StorageEncrypted": True,
    "MultiAZ": True,
    "BackupRetentionPeriod": 14,
    "DeletionProtection": True,
    "PubliclyAccessible": False,
    "AutoMinorVersionUpgrade": True,
    "CopyTagsToSnapshot": True,
    "EnableIAMDatabaseAuthentication": True,
    "EnableCloudwatchLogsExports": ["error", "slowquery"],
}


def _database(estate: Estate, name: str, *, connections: float = 40.0, percent: float = 45.0, **options: Any) -> str:
    rds = estate("rds")
    rds.create_db_instance(DBInstanceIdentifier=name, Tags=tags(name), **GOOD | options)
    dimension = {"DBInstanceIdentifier": name}
    estate.measure("AWS/RDS", "DatabaseConnections", dimension, connections)
    estate.measure("AWS/RDS", "CPUUtilization", dimension, percent if connections else 1.0)
    estate.alarm("AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", name)
    return name


def _snapshots(estate: Estate) -> None:
    rds = estate("rds")
    rds.create_db_snapshot(DBInstanceIdentifier="db-good", DBSnapshotIdentifier="snap-public", Tags=tags("snap-public"))
    rds.modify_db_snapshot_attribute(DBSnapshotIdentifier="snap-public", AttributeName="restore", ValuesToAdd=["all"])
    estate.fault("RDS.1", "database snapshot that anyone may restore", "snap-public")
    rds.create_db_snapshot(DBInstanceIdentifier="db-good", DBSnapshotIdentifier="snap-ours", Tags=tags("snap-ours"))
    rds.modify_db_snapshot_attribute(
        DBSnapshotIdentifier="snap-ours", AttributeName="restore", ValuesToAdd=["111122223333"]
    )
    estate.twin("RDS.1", "database snapshot shared with one account", "snap-ours")


def _tables(estate: Estate) -> None:
    dynamo = estate("dynamodb")
    for name in ("carts", "sessions"):
        dynamo.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            DeletionProtectionEnabled=True,
            Tags=tags(name),
        )
    dynamo.update_continuous_backups(
        TableName="carts", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    estate.twin("DynamoDB.2", "table with point-in-time recovery", "table/carts")
    estate.fault("DynamoDB.2", "table without point-in-time recovery", "table/sessions")


def plant(estate: Estate) -> None:
    estate.twin("RDS", "database as it should be", _database(estate, "db-good"))
    estate.fault("RDS.2", "database with a public endpoint", _database(estate, "db-public", PubliclyAccessible=True))
    estate.fault("RDS.3", "database that is not encrypted", _database(estate, "db-plain", StorageEncrypted=False))
    estate.fault("RDS.11", "database without backups", _database(estate, "db-unsaved", BackupRetentionPeriod=0))
    estate.fault("RDS.5", "database in one zone", _database(estate, "db-single", MultiAZ=False))
    unprotected = _database(estate, "db-unprotected", DeletionProtection=False)
    estate.fault("RDS.8", "database without deletion protection", unprotected)
    old = _database(
        estate, "db-old", Engine="postgres", EngineVersion="11.22", EnableCloudwatchLogsExports=["postgresql"]
    )
    estate.fault("end of support", "database whose version has no support any more", old)
    idle = _database(estate, "db-idle", connections=0.0, DBInstanceClass="db.r6g.2xlarge")
    estate.fault("idle database", "dear database that nobody uses", idle)
    _snapshots(estate)
    _tables(estate)

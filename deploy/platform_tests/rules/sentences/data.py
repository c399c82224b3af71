"""Database, buckets, backups and the second region."""

from __future__ import annotations

import base64
import json
import re

from environment_plan import ACCOUNT, REGION

from rules.sentences.sentence import ABSENT, By, Is, Sentence, from_, has
from rules.world import listed

RDS = "AmazonRDS/latest/UserGuide/"
S3 = "AmazonS3/latest/userguide/"
BACKUP = "aws-backup/latest/devguide/"
DATABASE = "aws_db_instance"
FIRST = r"shop\.module\.database\.aws_db_instance\.this$"
SECOND = r"recovery\[0\]\.module\.database\.aws_db_instance\.this$"
PRODUCTION = ("production",)
BUCKETS = ("files", "lake", "backups", "logs")
VERSIONED = ("files", "lake", "backups")
TLS_ONLY = has('"aws:SecureTransport":"false"', '"Effect":"Deny"', '"s3:*"')

# Demo's workers sleep then.
BY_NIGHT = By(demo=0, staging=1, production=1)
SENDING = {
    *(("sqs:SendMessage", f"webmarket-{name}-operations", "") for name in ("staging", "production")),
    *(
        (f"kms:{action}", "0f0f0f0f-0000-4000-8000-000000000001", f"sqs.{REGION}.amazonaws.com")
        for action in ("Decrypt", "GenerateDataKey")
    ),
}


def _task(message: str) -> str:
    """The task that a message of SQS names, as kombu reads it."""
    return json.loads(base64.b64decode(message))["headers"]["task"]


def _rights(policy: str) -> set[tuple[str, str, str]]:
    """Actions with the ends of what they act on, and the service that a key is used through."""
    return {
        (
            action,
            re.split("[:/]", resource)[-1],
            one.get("Condition", {}).get("StringEquals", {}).get("kms:ViaService", ""),
        )
        for one in json.loads(policy)["Statement"]
        for action in listed(one["Action"])
        for resource in listed(one["Resource"])
    }


SENTENCES = (
    Sentence(
        "the database is MySQL 8.4, of the size that was drawn",
        RDS + "Concepts.DBInstanceClass.html",
        DATABASE,
        {
            "engine": "mysql",
            "engine_version": "8.4",
            "port": 3306,
            "db_name": "webmarket",
            "username": "webmarket",
            "identifier": "{name}",
            "instance_class": By(demo="db.t4g.micro", staging="db.t4g.small", production="db.m7g.large"),
            "allocated_storage": By(demo=20, staging=20, production=100),
            "max_allocated_storage": By(demo=50, staging=100, production=500),
            "storage_type": "gp3",
        },
        FIRST,
        1,
    ),
    Sentence(
        "the database is in the isolated subnets, encrypted, and answers no public address",
        RDS + "USER_VPC.WorkingWithRDSInstanceinaVPC.html",
        DATABASE,
        {
            "publicly_accessible": False,
            "storage_encrypted": True,
            "multi_az": True,
            "db_subnet_group_name": "{name}",
            "vpc_security_group_ids": from_("aws_security_group.database"),
            "ca_cert_identifier": "rds-ca-rsa2048-g1",
            "parameter_group_name": from_("aws_db_parameter_group.this"),
        },
        FIRST,
    ),
    Sentence(
        "the database can be led back to any second of its days",
        RDS + "USER_WorkingWithAutomatedBackups.html",
        DATABASE,
        {
            "backup_retention_period": By(demo=7, staging=7, production=35),
            "backup_window": "02:00-02:45",
            "maintenance_window": "tue:03:15-tue:04:15",
            "copy_tags_to_snapshot": True,
            "tags.Backup": "daily",
        },
        FIRST,
    ),
    Sentence(
        "the database is not lost by one call, but for demo's",
        RDS + "USER_DeleteInstance.html",
        DATABASE,
        {
            "deletion_protection": By(demo=False, staging=True, production=True),
            "skip_final_snapshot": By(demo=True, staging=False, production=False),
            "delete_automated_backups": By(demo=True, staging=False, production=False),
            "final_snapshot_identifier": By(demo=ABSENT, staging="{name}-final", production="{name}-final"),
        },
        FIRST,
    ),
    Sentence(
        "the database is kept up to date in its own hour, and says how it is",
        RDS + "USER_UpgradeDBInstance.MySQL.html",
        DATABASE,
        {
            "auto_minor_version_upgrade": True,
            "apply_immediately": False,
            "monitoring_interval": 60,
            "monitoring_role_arn": from_("aws_iam_role.monitoring"),
            "performance_insights_enabled": By(demo=False, staging=False, production=True),
            "enabled_cloudwatch_logs_exports.*": {"error", "slowquery"},
        },
        FIRST,
    ),
    Sentence(
        "RDS keeps the master password, but where the database has copies",
        RDS + "rds-secrets-manager.html",
        DATABASE,
        {
            "manage_master_user_password": By(demo=True, staging=True, production=ABSENT),
            "password_wo_version": By(demo=ABSENT, staging=ABSENT, production=1),
            "blue_green_update.enabled": By(demo=ABSENT, staging=ABSENT, production=True),
        },
        FIRST,
    ),
    Sentence(
        "MySQL speaks utf8mb4 and TLS, logs slow queries and finds words of two letters",
        RDS + "USER_WorkingWithParamGroups.html",
        "aws_db_parameter_group",
        {
            "family": "mysql8.4",
            "parameter": has(
                "'utf8mb4'",
                "'utf8mb4_0900_ai_ci'",
                "'require_secure_transport'",
                "'innodb_ft_min_token_size'",
                "'FILE'",
            ),
            "parameter.apply_method": {"immediate", "pending-reboot"},
        },
    ),
    *(
        Sentence(
            f"MySQL's {name} is {value}",
            RDS + "Appendix.MySQL.Parameters.html",
            "aws_db_parameter_group",
            {
                "parameter": Is(
                    f"{name} = {value}",
                    lambda given, pair=(name, value): pair in {(one["name"], one["value"]) for one in given},
                )
            },
        )
        for name, value in {
            "character_set_server": "utf8mb4",
            "collation_server": "utf8mb4_0900_ai_ci",
            "require_secure_transport": "1",
            "slow_query_log": "1",
            "long_query_time": "1",
            "log_output": "FILE",
            "innodb_ft_min_token_size": "2",
        }.items()
    ),
    Sentence(
        "the database's logs end when they should",
        RDS + "USER_LogAccess.MySQLDB.PublishtoCloudWatchLogs.html",
        "aws_cloudwatch_log_group",
        {"retention_in_days": By(demo=7, staging=7, production=30), "name": has("/aws/rds/instance/")},
        r"shop\.module\.database\.aws_cloudwatch_log_group",
        2,
    ),
    Sentence(
        "RDS may measure the database's host",
        RDS + "USER_Monitoring.OS.Enabling.html",
        "aws_iam_role_policy_attachment",
        {
            "policy_arn": "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
            "role": has("-rds-monitoring"),
        },
        r"module\.database\.aws_iam_role_policy_attachment",
        By(demo=1, staging=1, production=2),
    ),
    # --- Buckets -----------------------------------------------------------------------------------------------------
    *(
        Sentence(
            f"the bucket {bucket} is private, ours, encrypted and emptied by demo alone",
            S3 + "access-control-block-public-access.html",
            "aws_s3_bucket",
            {
                "bucket": f"{{name}}-{bucket}-123456789012",
                "force_destroy": By(demo=True, staging=False, production=False),
                "object_lock_enabled": bucket == "backups",
            },
            rf'storage\.aws_s3_bucket\.this\["{bucket}"',
            1,
        )
        for bucket in BUCKETS
    ),
    Sentence(
        "no bucket can be made public",
        S3 + "access-control-block-public-access.html",
        "aws_s3_bucket_public_access_block",
        dict.fromkeys(
            ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"), True
        ),
        count=By(demo=4, staging=4, production=7),
    ),
    Sentence(
        "what is in a bucket is its owner's",
        S3 + "about-object-ownership.html",
        "aws_s3_bucket_ownership_controls",
        {"rule.object_ownership": "BucketOwnerEnforced"},
        count=4,
    ),
    Sentence(
        "buckets are encrypted, with keys that cost little",
        S3 + "bucket-key.html",
        "aws_s3_bucket_server_side_encryption_configuration",
        {
            "rule.bucket_key_enabled": True,
            "rule.apply_server_side_encryption_by_default.sse_algorithm": By(
                demo={"AES256"}, staging={"aws:kms"}, production={"AES256"}
            ),
        },
        r"storage\.aws_s3_bucket_server_side_encryption_configuration\.this\[\"(files|lake|backups)",
        3,
    ),
    Sentence(
        "balancers can write into the encrypted bucket of logs",
        "elasticloadbalancing/latest/application/enable-access-logging.html",
        "aws_s3_bucket_server_side_encryption_configuration",
        {"rule.apply_server_side_encryption_by_default.sse_algorithm": "AES256"},
        r"storage\.aws_s3_bucket_server_side_encryption_configuration\.this\[\"logs",
        1,
    ),
    Sentence(
        "what is overwritten or deleted stays as an old version",
        S3 + "Versioning.html",
        "aws_s3_bucket_versioning",
        {"versioning_configuration.status": "Enabled"},
        r"storage\.aws_s3_bucket_versioning",
        3,
    ),
    Sentence(
        "backups cannot be deleted for five weeks",
        S3 + "object-lock.html",
        "aws_s3_bucket_object_lock_configuration",
        {"rule.default_retention.mode": "GOVERNANCE", "rule.default_retention.days": 35},
        count=1,
    ),
    Sentence(
        "staff's browsers may send pictures, from the shop's own pages",
        S3 + "cors.html",
        "aws_s3_bucket_cors_configuration",
        {
            "cors_rule.allowed_methods": ("POST",),
            "cors_rule.allowed_origins": ("https://boutique.webmarket.example",),
            "cors_rule.max_age_seconds": 3600,
        },
        count=1,
    ),
    Sentence(
        "requests to buckets are logged, each in its own folder",
        S3 + "ServerLogs.html",
        "aws_s3_bucket_logging",
        {"target_prefix": has("s3/"), "target_bucket": from_("aws_s3_bucket.this")},
        count=3,
    ),
    *(
        Sentence(
            f"{bucket} asks for TLS",
            "config/latest/developerguide/s3-bucket-ssl-requests-only.html",
            "aws_s3_bucket_policy",
            {"policy": TLS_ONLY},
            rf'storage\.aws_s3_bucket_policy\.this\["{bucket}"',
            1,
        )
        for bucket in ("lake", "backups")
    ),
    Sentence(
        "the bucket of logs admits the balancer and the other buckets, and asks for TLS",
        "elasticloadbalancing/latest/application/enable-access-logging.html",
        "aws_s3_bucket_policy",
        {
            "policy": has(
                *(
                    '"aws:SecureTransport":"false"',
                    '"BalancerLogs"',
                    '"logging.s3.amazonaws.com"',
                    "/balancer/AWSLogs/",
                ),
                *(
                    '"LogsOfFiles"',
                    '"LogsOfLake"',
                    '"LogsOfBackups"',
                    '"aws:SourceAccount":"123456789012"',
                    '"ArnEquals"',
                ),
            )
        },
        r"aws_s3_bucket_policy\.logs$",
        1,
    ),
    Sentence(
        "abandoned uploads end after a week, in every bucket",
        S3 + "mpu-abort-incomplete-mpu-lifecycle-config.html",
        "aws_s3_bucket_lifecycle_configuration",
        {"rule.status": "Enabled", "rule.abort_incomplete_multipart_upload.days_after_initiation": 7},
        count=By(demo=4, staging=4, production=7),
    ),
    *(
        Sentence(
            says,
            S3 + "object-lifecycle-mgmt.html",
            "aws_s3_bucket_lifecycle_configuration",
            {"rule.id": rules, **wanted},
            rf'storage\.aws_s3_bucket_lifecycle_configuration\.this\["{bucket}"',
            1,
        )
        for bucket, says, rules, wanted in (
            (
                "files",
                "uploads that nobody took end after a day, old versions after a year",
                {"abandoned-uploads", "unfinished-uploads", "old-versions"},
                {
                    "rule.expiration.days": Is("1", lambda value: value in (1, 0)),
                    "rule.noncurrent_version_expiration.noncurrent_days": {1, 365},
                    "rule.noncurrent_version_transition.noncurrent_days": {90},
                    "rule.noncurrent_version_transition.storage_class": {"GLACIER"},
                },
            ),
            (
                "lake",
                "old versions of the lake end after a year",
                {"abandoned-uploads", "old-versions"},
                {
                    "rule.noncurrent_version_expiration.noncurrent_days": {365},
                    "rule.noncurrent_version_transition.noncurrent_days": {90},
                },
            ),
            (
                "backups",
                "backups go to Glacier after three months, deleted ones when the lock is over",
                {"abandoned-uploads", "to-glacier"},
                {
                    "rule.transition.days": {90},
                    "rule.transition.storage_class": {"GLACIER"},
                    "rule.noncurrent_version_expiration.noncurrent_days": {42},
                    "rule.expiration.expired_object_delete_marker": Is("true", bool),
                },
            ),
            (
                "logs",
                "logs of requests end after a year",
                {"abandoned-uploads", "expire"},
                {"rule.expiration.days": {365}},
            ),
        )
    ),
    Sentence(
        "only uploads end after a day",
        S3 + "intro-lifecycle-filters.html",
        "aws_s3_bucket_lifecycle_configuration",
        {
            "rule": Is(
                "with the prefix uploads/",
                lambda rules: (
                    [[one["prefix"] for one in rule["filter"]] for rule in rules if rule["id"] == "unfinished-uploads"]
                    == [["uploads/"]]
                ),
            )
        },
        r'storage\.aws_s3_bucket_lifecycle_configuration\.this\["files"',
    ),
    # --- Backups -----------------------------------------------------------------------------------------------------
    Sentence(
        "the database is backed up each night, and kept for five weeks",
        BACKUP + "creating-a-backup-plan.html",
        "aws_backup_plan",
        {
            "rule.schedule": "cron(30 3 * * ? *)",
            "rule.start_window": 60,
            "rule.completion_window": 240,
            "rule.enable_continuous_backup": False,
            "rule.lifecycle.delete_after": 35,
            "rule.target_vault_name": "{name}",
        },
        count=1,
    ),
    Sentence(
        "backups cannot be deleted for a week",
        BACKUP + "vault-lock.html",
        "aws_backup_vault_lock_configuration",
        {"min_retention_days": 7},
        count=By(demo=1, staging=1, production=2),
    ),
    Sentence(
        "AWS Backup works by a role of its own",
        BACKUP + "iam-service-roles.html",
        "aws_iam_role_policy_attachment",
        {"policy_arn": has("service-role/AWSBackupServiceRolePolicyFor"), "role": "{name}-backup"},
        r"module\.backup\[0\]\.aws_iam_role_policy_attachment",
        2,
    ),
    Sentence(
        "Backup's role is Backup's, for this account",
        BACKUP + "iam-service-roles.html",
        "aws_iam_role",
        {"assume_role_policy": has('"backup.amazonaws.com"', '"StringEquals":{"aws:SourceAccount":"123456789012"}')},
        r"module\.backup\[0\]\.aws_iam_role",
        1,
    ),
    # --- A backup started from outside the shop ----------------------------------------------------------------------
    Sentence(
        "the day's backup is started where the shop's own scheduler was silent",
        "scheduler/latest/UserGuide/managing-targets-templated.html",
        "aws_scheduler_schedule",
        {
            "schedule_expression": "cron(0 4 * * ? *)",
            "schedule_expression_timezone": "UTC",
            "flexible_time_window.mode": "OFF",
            "target.arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{name}}-operations",
            "target.role_arn": from_("aws_iam_role.this"),
            "target.input": Is(
                "a message for backup_manager", lambda value: _task(value) == "operations.backup_manager"
            ),
            "target.retry_policy.maximum_event_age_in_seconds": 3600,
            "target.retry_policy.maximum_retry_attempts": 20,
        },
        count=BY_NIGHT,
    ),
    Sentence(
        "its role is Scheduler's, for this account",
        "scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html",
        "aws_iam_role",
        {"assume_role_policy": has('"scheduler.amazonaws.com"', f'"StringEquals":{{"aws:SourceAccount":"{ACCOUNT}"}}')},
        r"module\.schedule\[0\]\.aws_iam_role\.this$",
        BY_NIGHT,
    ),
    Sentence(
        "it sends to the queue of operations, and does nothing else",
        "scheduler/latest/UserGuide/setting-up.html#setting-up-execution-role",
        "aws_iam_role_policy",
        {"policy": Is("one right to send, and the key's", lambda value: _rights(value) <= SENDING)},
        r"module\.schedule\[0\]\.aws_iam_role_policy\.send$",
        BY_NIGHT,
    ),
    Sentence(
        "what is backed up is the database",
        BACKUP + "assigning-resources.html",
        "aws_backup_selection",
        {"iam_role_arn": from_("aws_iam_role.this"), "resources": from_("aws_db_instance.this")},
        count=1,
    ),
    Sentence(
        "production's backups are tried each Sunday",
        BACKUP + "restore-testing.html",
        "aws_backup_restore_testing_plan",
        {
            "schedule_expression": "cron(0 5 ? * SUN *)",
            "recovery_point_selection.algorithm": "LATEST_WITHIN_WINDOW",
            "recovery_point_selection.recovery_point_types.*": {"SNAPSHOT"},
        },
        count=By(demo=0, staging=0, production=1),
    ),
    Sentence(
        "a restored database is looked at for four hours",
        BACKUP + "restore-testing.html",
        "aws_backup_restore_testing_selection",
        {
            "protected_resource_type": "RDS",
            "validation_window_hours": 4,
            "protected_resource_arns": from_("aws_db_instance.this"),
            "iam_role_arn": from_("aws_iam_role.this"),
        },
        count=1,
        environments=PRODUCTION,
    ),
    # --- The second region -------------------------------------------------------------------------------------------
    Sentence(
        "the second region holds a replica, encrypted with a key of its own",
        RDS + "USER_ReadRepl.XRgn.html",
        DATABASE,
        {
            "replicate_source_db": from_("aws_db_instance.this"),
            "instance_class": "db.m7g.large",
            "storage_encrypted": True,
            "kms_key_id": from_("aws_kms_key.this"),
            "multi_az": False,
            "publicly_accessible": False,
            "deletion_protection": True,
            "performance_insights_enabled": True,
        },
        SECOND,
        1,
        PRODUCTION,
    ),
    Sentence(
        "the second region's key is turned each year",
        "kms/latest/developerguide/rotate-keys.html",
        "aws_kms_key",
        {
            "enable_key_rotation": True,
            "policy": has(
                *('"logs.eu-central-1.amazonaws.com"', '"ArnLike"', ":root", '"cloudfront.amazonaws.com"'),
                f'"StringLike":{{"AWS:SourceArn":"arn:aws:cloudfront::{ACCOUNT}:distribution/*"}}',
            ),
        },
        r"recovery\[0\]\.aws_kms_key\.this$",
        count=1,
        environments=PRODUCTION,
    ),
    Sentence(
        "only workers sign backups, by a key that AWS never lets out",
        "kms/latest/developerguide/symmetric-asymmetric.html",
        "aws_kms_key",
        {
            "key_usage": "SIGN_VERIFY",
            "customer_master_key_spec": "ECC_NIST_P256",
            "policy": has('"kms:Sign"', '"ArnNotEquals"', '"Effect":"Deny"', "-workers"),
        },
        r"storage\.aws_kms_key\.signing$",
        count=1,
    ),
    *(
        Sentence(
            f"the copy of {bucket} is versioned and encrypted",
            S3 + "replication.html",
            "aws_s3_bucket",
            {"object_lock_enabled": bucket == "backups", "bucket": f"webmarket-production-{bucket}-copy-123456789012"},
            rf'recovery\[0\]\.aws_s3_bucket\.copy\["{bucket}"',
            1,
            PRODUCTION,
        )
        for bucket in VERSIONED
    ),
    Sentence(
        "copies are versioned",
        S3 + "replication-requirements.html",
        "aws_s3_bucket_versioning",
        {"versioning_configuration.status": "Enabled"},
        r"recovery\[0\]\.aws_s3_bucket_versioning\.copy",
        3,
        PRODUCTION,
    ),
    Sentence(
        "copies are encrypted with the second region's key",
        S3 + "bucket-key.html",
        "aws_s3_bucket_server_side_encryption_configuration",
        {
            "rule.bucket_key_enabled": True,
            "rule.apply_server_side_encryption_by_default.sse_algorithm": "aws:kms",
            "rule.apply_server_side_encryption_by_default.kms_master_key_id": from_("aws_kms_key.this"),
        },
        r"recovery\[0\]\.aws_s3_bucket_server_side",
        3,
        PRODUCTION,
    ),
    Sentence(
        "old versions of copies end after three months",
        S3 + "object-lifecycle-mgmt.html",
        "aws_s3_bucket_lifecycle_configuration",
        {"rule.noncurrent_version_expiration.noncurrent_days": 90, "rule.id": "old-versions"},
        r"recovery\[0\]\.aws_s3_bucket_lifecycle",
        3,
        PRODUCTION,
    ),
    Sentence(
        "copies ask for TLS",
        "config/latest/developerguide/s3-bucket-ssl-requests-only.html",
        "aws_s3_bucket_policy",
        {"policy": TLS_ONLY},
        # That of files names the distribution, and is known after `apply` alone.
        r'recovery\[0\]\.aws_s3_bucket_policy\.copy\["(lake|backups)"',
        2,
        PRODUCTION,
    ),
    Sentence(
        "what is written is copied, and what is deleted stays there",
        S3 + "replication-config-for-kms-objects.html",
        "aws_s3_bucket_replication_configuration",
        {
            "rule.status": "Enabled",
            "rule.delete_marker_replication.status": "Disabled",
            "rule.source_selection_criteria.sse_kms_encrypted_objects.status": "Enabled",
            "rule.destination.storage_class": "STANDARD_IA",
            "rule.destination.bucket": from_("aws_s3_bucket.copy"),
            "rule.destination.encryption_configuration.replica_kms_key_id": from_("aws_kms_key.this"),
            "role": from_("aws_iam_role.replication"),
        },
        count=3,
        environments=PRODUCTION,
    ),
    Sentence(
        "S3 alone may copy, for this account",
        S3 + "setting-repl-config-perm-overview.html",
        "aws_iam_role",
        {"assume_role_policy": has('"s3.amazonaws.com"', '"StringEquals":{"aws:SourceAccount":"123456789012"}')},
        r"aws_iam_role\.replication",
        1,
        PRODUCTION,
    ),
    Sentence(
        "copies of backups are encrypted there too",
        BACKUP + "cross-region-backup.html",
        "aws_backup_vault",
        {"kms_key_arn": from_("aws_kms_key.this"), "name": "webmarket-production-copies"},
        r"recovery\[0\]",
        1,
        PRODUCTION,
    ),
)

"""Prowler's findings in its OCSF JSON (`prowler aws -M json-ocsf`), in our shape.

https://docs.prowler.com/projects/prowler-open-source/en/latest/tutorials/reporting/ and OCSF's Detection Finding,
https://schema.ocsf.io/1.1.0/classes/detection_finding
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from apps.operations.errors import BadFile
from apps.operations.services.audit.controls import CONTROLS
from apps.operations.services.audit.finding import Finding, Severity, rank

PORT = "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_"
# Checks that both have, by Prowler's name: the same one on the same resource is one finding.
SAME = {
    f"{PORT}22": "open_admin_port",
    f"{PORT}3389": "open_admin_port",
    f"{PORT}memcached_11211": "open_database_port",
    f"{PORT}mongodb_27017_27018": "open_database_port",
    f"{PORT}mysql_3306": "open_database_port",
    f"{PORT}oracle_1521_2483": "open_database_port",
    f"{PORT}postgres_5432": "open_database_port",
    f"{PORT}redis_6379": "open_database_port",
    f"{PORT}sql_server_1433_1434": "open_database_port",
    "acm_certificates_expiration_check": "expiring_certificate",
    "awslambda_function_not_publicly_accessible": "open_function",
    "awslambda_function_using_supported_runtimes": "old_runtime",
    "cloudwatch_log_group_retention_policy_specific_days_enabled": "logs_for_ever",
    "dynamodb_tables_pitr_enabled": "table_without_recovery",
    "ec2_ami_public": "public_image",
    "ec2_ebs_default_encryption": "disks_plain_by_default",
    "ec2_ebs_public_snapshot": "public_snapshot",
    "ec2_ebs_snapshots_encrypted": "unencrypted_snapshot",
    "ec2_ebs_volume_encryption": "unencrypted_volume",
    "ec2_elastic_ip_unassigned": "unused_address",
    "ec2_instance_imdsv2_enabled": "imds_v1",
    "ec2_launch_template_imdsv2_required": "imds_v1_template",
    "ec2_networkacl_allow_ingress_tcp_port_22": "open_network_acl",
    "ec2_networkacl_allow_ingress_tcp_port_3389": "open_network_acl",
    "ec2_securitygroup_default_restrict_traffic": "open_default_group",
    "ecr_registry_scan_images_on_push_enabled": "unscanned_repository",
    "ecr_repositories_not_publicly_accessible": "open_repository",
    "efs_encryption_at_rest_enabled": "unencrypted_file_system",
    "elbv2_deletion_protection": "unprotected_balancer",
    "elbv2_insecure_ssl_ciphers": "old_tls",
    "elbv2_ssl_listeners": "http_balancer",
    "iam_customer_attached_policy_no_administrative_privileges": "iam_everything",
    "iam_inline_policy_no_administrative_privileges": "iam_everything",
    "iam_no_root_access_key": "root_access_key",
    "iam_role_administratoraccess_policy": "iam_administrator",
    "iam_root_mfa_enabled": "root_without_mfa",
    "iam_rotate_access_key_90_days": "old_access_key",
    "iam_user_administrator_access_policy": "iam_administrator",
    "iam_user_mfa_enabled_console_access": "missing_mfa",
    "iam_user_two_active_access_key": "two_access_keys",
    "kms_cmk_not_deleted_unintentionally": "doomed_key",
    "kms_cmk_rotation_enabled": "key_without_rotation",
    "kms_key_not_publicly_accessible": "open_key",
    "rds_instance_backup_enabled": "no_backups",
    "rds_instance_deletion_protection": "unprotected_database",
    "rds_instance_deprecated_engine_version": "old_engine",
    "rds_instance_multi_az": "single_zone_database",
    "rds_instance_no_public_access": "public_database",
    "rds_instance_storage_encrypted": "unencrypted_database",
    "rds_snapshots_encrypted": "unencrypted_database_snapshot",
    "rds_snapshots_public_access": "public_snapshot",
    "s3_account_level_public_access_blocks": "account_without_block",
    "s3_bucket_default_encryption": "unencrypted_bucket",
    "s3_bucket_level_public_access_block": "bucket_without_block",
    "s3_bucket_lifecycle_enabled": "bucket_without_lifecycle",
    "s3_bucket_object_versioning": "bucket_without_versions",
    "s3_bucket_policy_public_write_access": "public_bucket",
    "s3_bucket_public_access": "public_bucket",
    "s3_bucket_public_list_acl": "public_bucket",
    "s3_bucket_public_write_acl": "public_bucket",
    "s3_bucket_secure_transport_policy": "bucket_without_tls",
    "secretsmanager_automatic_rotation_enabled": "secret_without_rotation",
    "sns_topics_not_publicly_accessible": "open_topic",
    "sqs_queues_not_publicly_accessible": "open_queue",
    "sqs_queues_server_side_encryption_enabled": "unencrypted_queue",
    "vpc_flow_logs_enabled": "vpc_without_flow_logs",
}
SEVERITIES = {
    "informational": Severity.INFO,
    "low": Severity.LOW,
    "medium": Severity.MEDIUM,
    "high": Severity.HIGH,
    "critical": Severity.CRITICAL,
    "fatal": Severity.CRITICAL,
}


def read_prowler(path: str) -> list[Finding]:
    """What failed and is not muted. Raises BadFile."""
    try:
        records = json.loads(Path(path).read_text())
    except OSError as error:
        raise BadFile(_("%(path)s ne se lit pas : %(error)s.") % {"path": path, "error": error.strerror}) from error
    except ValueError as error:
        raise BadFile(
            _("%(path)s n’est pas du JSON entier (%(error)s) : laissez Prowler finir, puis recommencez.")
            % {"path": path, "error": error}
        ) from error
    if not isinstance(records, list):
        raise BadFile(_wrong(path))
    try:
        failed = [each for each in records if each["status_code"] == "FAIL" and each.get("status") != "Suppressed"]
        return [_read(each, resource) for each in failed for resource in each["resources"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise BadFile(_wrong(path)) from error


def _wrong(path: str) -> str:
    return _("%(path)s n’est pas la sortie OCSF de Prowler : demandez-la avec « prowler aws -M json-ocsf ».") % {
        "path": path
    }


def _read(record: dict[str, Any], resource: dict[str, Any]) -> Finding:
    name = record["metadata"]["event_code"]
    return Finding(
        # Our own file comes back as it was written.
        check=SAME.get(name, name if name in CONTROLS else f"prowler:{name}"),
        severity=SEVERITIES.get(str(record.get("severity", "")).lower(), Severity.INFO),
        resource=resource.get("uid") or resource["name"],
        region=resource.get("region") or record.get("cloud", {}).get("region") or "",
        problem=record.get("status_detail") or record.get("message") or record["finding_info"]["title"],
        remedy=record.get("remediation", {}).get("desc") or record["finding_info"].get("desc", ""),
        sources=("prowler",),
    )


def merge(ours: Iterable[Finding], theirs: Iterable[Finding]) -> list[Finding]:
    """One finding for each key: our words and euros, the worse severity, and both sources; the worst first."""
    found: dict[str, Finding] = {}
    for each in [*ours, *theirs]:
        other = found.get(each.key)
        found[each.key] = (
            each
            if other is None
            else replace(
                other,
                severity=max(other.severity, each.severity, key=rank),
                sources=tuple(dict.fromkeys((*other.sources, *each.sources))),
            )
        )
    return sorted(found.values(), key=lambda each: (-rank(each.severity), each.check, each.resource))

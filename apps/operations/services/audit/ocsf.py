"""Findings as OCSF Detection Findings, the shape that Prowler writes and `--prowler` reads.

https://schema.ocsf.io/1.1.0/classes/detection_finding
"""

import json
from datetime import datetime
from typing import Any

from apps.operations.models import AuditFinding

SEVERITIES = {
    AuditFinding.Severity.INFO: (1, "Informational"),
    AuditFinding.Severity.LOW: (2, "Low"),
    AuditFinding.Severity.MEDIUM: (3, "Medium"),
    AuditFinding.Severity.HIGH: (4, "High"),
    AuditFinding.Severity.CRITICAL: (5, "Critical"),
}
CLASS, CATEGORY, CREATE = 2004, 2, 1


def as_ocsf(data: dict[str, Any]) -> str:
    return json.dumps([_record(each, data) for each in data["findings"]], ensure_ascii=False, indent=1)


def _record(finding: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    at = datetime.fromisoformat(data["at"])
    number, severity = SEVERITIES[AuditFinding.Severity(finding["severity"])]
    return {
        "metadata": {
            "event_code": finding["check"],
            "product": {"name": "WebMarket+", "vendor_name": "WebMarket+", "uid": "webmarket"},
            "version": "1.1.0",
            "profiles": ["cloud", "datetime"],
        },
        "activity_id": CREATE,
        "activity_name": "Create",
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Detection Finding",
        "type_uid": CLASS * 100 + CREATE,
        "severity_id": number,
        "severity": severity,
        # An accepted finding is muted, as Prowler says it.
        "status_id": 3 if finding["accepted"] else 1,
        "status": "Suppressed" if finding["accepted"] else "New",
        "status_code": "FAIL",
        "status_detail": finding["problem"],
        "message": finding["problem"],
        "time": int(at.timestamp()),
        "time_dt": at.isoformat(),
        "finding_info": {
            "uid": finding["key"],
            "title": finding["problem"],
            "desc": finding["problem"],
            "types": [finding["control"]] if finding["control"] else [],
            "created_time": int(at.timestamp()),
        },
        "remediation": {"desc": finding["remedy"]},
        "resources": [{"uid": finding["resource"], "name": finding["name"], "region": finding["region"]}],
        "cloud": {"provider": "aws", "account": {"uid": data["account"], "type": "AWS Account"}},
        "unmapped": {"euros_per_month": finding["euros"], "is_new": finding["is_new"]},
    }

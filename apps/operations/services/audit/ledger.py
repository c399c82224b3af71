"""Compares the findings of an audit with stored ones, and stores the difference."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.operations.models import AuditFinding
from apps.operations.services.audit.asking import Unread
from apps.operations.services.audit.finding import Finding, service_of
from apps.operations.services.audit.readers.watching import EDGE

# Read whichever regions are audited, like the certificates of the edge.
EVERYWHERE = {"iam", "s3"}
# Checks that depend on CloudWatch, whatever service the resource belongs to.
BY_CLOUDWATCH = (
    "idle_instance",
    "idle_database",
    "oversized_instance",
    "oversized_database",
    "idle_gateway",
    "missing_alarm",
)


@dataclass(frozen=True)
class Scope:
    """What this audit could read: of the rest it says neither that it is there nor that it is gone."""

    regions: list[str]
    unread: list[Unread]
    has_prowler: bool

    def sees(self, row: AuditFinding) -> bool:
        service = service_of(row.resource)
        blind = {each.service for each in self.unread if not each.is_optional}
        if service in blind or ("cloudwatch" in blind and row.check_name in BY_CLOUDWATCH):
            return False
        if "audit" not in row.sources.split(","):
            return self.has_prowler
        is_edge = service == "acm" and row.region == EDGE
        return row.region in ("", *self.regions) or service in EVERYWHERE or is_edge


@dataclass
class Compared:
    new: set[str] = field(default_factory=set)
    gone: list[dict[str, Any]] = field(default_factory=list)
    # By key: who, why and until when.
    accepted: dict[str, dict[str, Any]] = field(default_factory=dict)
    # With an expired acceptance.
    expired: set[str] = field(default_factory=set)


def compare(*, findings: Iterable[Finding], scope: Scope, now: datetime, is_dry_run: bool) -> Compared:
    """A dry run writes nothing. One that comes back after it was gone is new again, and accepted as it was."""
    found = {each.key: each for each in findings}
    today = timezone.localdate(now)
    with transaction.atomic(durable=True):
        rows = {row.key: row for row in AuditFinding.objects.select_related("accepted_by")}
        result = Compared(new={key for key in found if key not in rows or rows[key].gone_at is not None})
        gone = [row for key, row in rows.items() if key not in found and row.gone_at is None and scope.sees(row)]
        result.gone = [{"check": row.check_name, "resource": row.resource, "problem": row.problem} for row in gone]
        for key in found.keys() & rows.keys():
            _acceptance(rows[key], today, result)
        if not is_dry_run:
            _write(found, rows, now)
            AuditFinding.objects.filter(pk__in=[row.pk for row in gone]).update(gone_at=now)
    return result


def _acceptance(row: AuditFinding, today: date, result: Compared) -> None:
    if row.accepted_until_date is None:
        return
    if row.accepted_until_date < today:
        result.expired.add(row.key)
        return
    result.accepted[row.key] = {
        "by": str(row.accepted_by or ""),
        "reason": row.accepted_reason,
        "until": row.accepted_until_date.isoformat(),
    }


def _write(found: dict[str, Finding], rows: dict[str, AuditFinding], now: datetime) -> None:
    new: list[AuditFinding] = []
    changed: list[AuditFinding] = []
    for key, finding in found.items():
        row = rows.get(key) or AuditFinding(key=key, first_seen_at=now)
        if row.gone_at is not None:
            row.first_seen_at = now
        row.check_name, row.severity = finding.check, finding.severity
        row.resource, row.region = finding.resource[:512], finding.region
        row.problem, row.remedy, row.euros = finding.problem, finding.remedy, finding.euros
        row.sources = ",".join(finding.sources)
        row.last_seen_at, row.gone_at = now, None
        (changed if row.pk else new).append(row)
    AuditFinding.objects.bulk_create(new, batch_size=500)
    written = ["check_name", "severity", "resource", "region", "problem", "remedy", "euros", "sources"]
    AuditFinding.objects.bulk_update(changed, [*written, "first_seen_at", "last_seen_at", "gone_at"], batch_size=200)

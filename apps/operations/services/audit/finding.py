"""A finding: one shape for our own checks and for Prowler's."""

import hashlib
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from apps.operations.models import AuditFinding
from apps.operations.services.audit.controls import CONTROLS

Severity = AuditFinding.Severity
# In ascending order.
ORDER = [Severity.INFO, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL]


def rank(severity: str) -> int:
    return ORDER.index(Severity(severity))


@dataclass(frozen=True)
class Finding:
    """`resource` is an ARN where AWS has one; `euros` the waste or saving a month, if any.

    Check and resource identify a finding, whatever its sentence.
    """

    check: str
    severity: Severity
    resource: str
    region: str
    problem: str
    remedy: str
    euros: Decimal | None = None
    sources: tuple[str, ...] = ("audit",)

    @property
    def key(self) -> str:
        return hashlib.sha256(f"{self.check} {self.resource}".encode()).hexdigest()[:40]

    @property
    def service(self) -> str:
        return service_of(self.resource)

    @property
    def name(self) -> str:
        """The resource's display name."""
        return short_name(self.resource)

    def as_data(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "key": self.key,
            "name": self.name,
            "control": CONTROLS.get(self.check, ""),
            "severity": str(self.severity),
            "euros": None if self.euros is None else float(self.euros),
        }


def service_of(resource: str) -> str:
    """« rds » of arn:aws:rds:…; what is no ARN has no service."""
    parts = resource.split(":")
    return parts[2] if resource.startswith("arn:") and len(parts) > 5 else ""


def short_name(resource: str) -> str:
    """What follows the account in an ARN: `instance/i-0123`, `db:shop`, the name of a bucket."""
    return resource.split(":", 5)[5] if service_of(resource) else resource

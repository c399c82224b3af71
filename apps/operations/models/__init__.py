from apps.operations.models.beat import BeatLease, DueJob
from apps.operations.models.finding import AuditFinding
from apps.operations.models.run import OperationRun

__all__ = ["AuditFinding", "BeatLease", "DueJob", "OperationRun"]

from apps.operations.models.beat import BeatLease, DueJob
from apps.operations.models.run import OperationRun

__all__ = ["BeatLease", "DueJob", "OperationRun"]

from apps.common.errors import DomainError


class StaleVersion(DomainError):
    """Optimistic locking: somebody else changed the card first; details: prospect, as it is now."""

    code = "stale_version"


class ReasonRequired(DomainError):
    code = "reason_required"


class StageFull(DomainError):
    """The column holds as many cards as it should; details: stage, count."""

    code = "stage_full"


class StageInUse(DomainError):
    """Cards stand in the column or their history names it; details: stage."""

    code = "stage_in_use"


class UnknownStage(DomainError):
    code = "unknown_stage"


class NotStaff(DomainError):
    code = "not_staff"


class TooLate(DomainError):
    code = "too_late"

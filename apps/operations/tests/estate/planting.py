"""What is planted, and where a finding about it must point."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Clients = Callable[..., Any]

ACCOUNT = "account"
"""Where a fault is the account's own, or the region's."""
FOREIGN = "210987654321"
"""An account that is not ours."""
DAYS_OF_MEASURES = 15


@dataclass(frozen=True)
class Planted:
    what: str
    control: str
    at: tuple[str, ...]


@dataclass
class Estate:
    clients: Clients
    faults: list[Planted] = field(default_factory=list)
    twins: list[Planted] = field(default_factory=list)
    shared: dict[str, Any] = field(default_factory=dict)
    """Ids that one part plants and another one uses."""

    def __call__(self, service: str) -> Any:
        if service not in self.shared:
            self.shared[service] = self.clients(service)
        return self.shared[service]

    def fault(self, control: str, what: str, *at: str) -> None:
        self.faults.append(Planted(what, control, at or (ACCOUNT,)))

    def twin(self, control: str, what: str, *at: str) -> None:
        self.twins.append(Planted(what, control, at))

    def alarm(self, namespace: str, metric: str, dimension: str, value: str) -> None:
        self("cloudwatch").put_metric_alarm(
            AlarmName=f"{value}-{metric}",
            Namespace=namespace,
            MetricName=metric,
            Dimensions=[{"Name": dimension, "Value": value}],
            ComparisonOperator="GreaterThanThreshold",
            Threshold=90,
            Period=300,
            EvaluationPeriods=2,
            Statistic="Average",
            AlarmActions=["arn:aws:sns:eu-west-3:123456789012:alarms"],
        )

    def measure(self, namespace: str, name: str, dimensions: dict[str, str], value: float) -> None:
        """The metric at this value, twice a day."""
        now = datetime.now(UTC)
        self("cloudwatch").put_metric_data(
            Namespace=namespace,
            MetricData=[
                {
                    "MetricName": name,
                    "Dimensions": [{"Name": key, "Value": text} for key, text in dimensions.items()],
                    "Timestamp": now - timedelta(hours=12 * back + 1),
                    "Value": value,
                }
                for back in range(2 * DAYS_OF_MEASURES)
            ],
        )


def tags(name: str) -> list[dict[str, str]]:
    return [
        {"Key": "Name", "Value": name},
        {"Key": "Environment", "Value": "production"},
        {"Key": "Project", "Value": "webmarket"},
    ]


def specification(kind: str, name: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": tags(name)}]

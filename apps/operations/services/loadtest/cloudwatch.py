"""CloudWatch metrics of the fleet during the load: instances in service and CPU."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from apps.operations.aws.clients import client

PERIOD = 60


@dataclass(frozen=True)
class Fleet:
    """Points are (seconds since the load began, value); CPU is per cent of all instances together."""

    group: str
    instances: list[tuple[float, float]] = field(default_factory=list)
    cpu: list[tuple[float, float]] = field(default_factory=list)


def watch_fleet(*, group: str, began: datetime, ended: datetime) -> Fleet:
    """One call. Points come a minute or two late: the last may be missing."""
    names = {"instances": ("AWS/AutoScaling", "GroupInServiceInstances"), "cpu": ("AWS/EC2", "CPUUtilization")}
    asked = [
        {
            "Id": name,
            "MetricStat": {
                "Metric": {
                    "Namespace": namespace,
                    "MetricName": metric,
                    "Dimensions": [{"Name": "AutoScalingGroupName", "Value": group}],
                },
                "Period": PERIOD,
                "Stat": "Average",
            },
        }
        for name, (namespace, metric) in names.items()
    ]
    answer = client("cloudwatch").get_metric_data(
        MetricDataQueries=asked,
        StartTime=began - timedelta(seconds=PERIOD),
        EndTime=ended + timedelta(seconds=PERIOD),
        ScanBy="TimestampAscending",
    )
    found = {each["Id"]: _points(each, began) for each in answer["MetricDataResults"]}
    return Fleet(group, found.get("instances", []), found.get("cpu", []))


def _points(series: dict[str, Any], began: datetime) -> list[tuple[float, float]]:
    pairs = zip(series["Timestamps"], series["Values"], strict=True)
    return sorted(((at - began).total_seconds(), value) for at, value in pairs)

"""CloudWatch metrics of each resource over the last two weeks, a value a day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from apps.operations.services.audit.asking import Ask
from apps.operations.services.audit.inventory import Inventory, running

DAYS = 14
DAY_SECONDS = 86_400
# GetMetricData's limit of metrics per call.
AT_ONCE = 500


@dataclass(frozen=True)
class Measure:
    name: str
    arn: str
    region: str
    namespace: str
    metric: str
    statistic: str
    dimensions: dict[str, str]


def read_measures(ask: Ask, inventory: Inventory) -> None:
    wanted = list(_wanted(inventory))
    for region in sorted({each.region for each in wanted}):
        of_region = [each for each in wanted if each.region == region]
        for start in range(0, len(of_region), AT_ONCE):
            _read(ask, inventory, region, of_region[start : start + AT_ONCE])


def _wanted(inventory: Inventory) -> Iterator[Measure]:
    for each in running(inventory):
        machine = {"InstanceId": each["InstanceId"]}
        yield Measure("cpu", each["Arn"], each["Region"], "AWS/EC2", "CPUUtilization", "Maximum", machine)
    for each in inventory.databases:
        database = {"DBInstanceIdentifier": each["DBInstanceIdentifier"]}
        for name, metric in (("cpu", "CPUUtilization"), ("connections", "DatabaseConnections")):
            yield Measure(name, each["Arn"], each["Region"], "AWS/RDS", metric, "Maximum", database)
    for each in inventory.gateways:
        gateway = {"NatGatewayId": each["NatGatewayId"]}
        yield Measure("bytes", each["Arn"], each["Region"], "AWS/NATGateway", "BytesOutToDestination", "Sum", gateway)
    for each in inventory.buckets:
        bucket = {"BucketName": each["Name"], "StorageType": "StandardStorage"}
        yield Measure("bytes", each["Arn"], each["Region"], "AWS/S3", "BucketSizeBytes", "Average", bucket)


def _read(ask: Ask, inventory: Inventory, region: str, some: Iterable[Measure]) -> None:
    by_id = {f"m{number}": each for number, each in enumerate(some)}
    queries = [
        {
            "Id": name,
            "MetricStat": {
                "Metric": {
                    "Namespace": each.namespace,
                    "MetricName": each.metric,
                    "Dimensions": [{"Name": key, "Value": value} for key, value in each.dimensions.items()],
                },
                "Period": DAY_SECONDS,
                "Stat": each.statistic,
            },
        }
        for name, each in by_id.items()
    ]
    for result in ask.all(
        "cloudwatch",
        "get_metric_data",
        "MetricDataResults",
        region=region,
        MetricDataQueries=queries,
        StartTime=inventory.now - timedelta(days=DAYS),
        EndTime=inventory.now,
    ):
        measure = by_id[result["Id"]]
        values = [float(value) for value in result["Values"]]
        inventory.measures.setdefault((measure.name, measure.arn), []).extend(values)

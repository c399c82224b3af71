"""Monthly cost of each resource as it stands. Usage (traffic, requests, logs) is left out."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.common.money import round_cents
from apps.operations import pricing
from apps.operations.price_list import price_list
from apps.operations.pricing import Quantity
from apps.operations.services.audit.finding import short_name
from apps.operations.services.audit.inventory import Inventory, Thing

GIGABYTE = Decimal(1024**3)


@dataclass(frozen=True)
class Cost(pricing.Amount):
    """Of a resource; one of unknown cost is listed and left out of sums."""

    family: str = ""
    resource: str = ""
    region: str = ""
    quantities: tuple[Quantity, ...] = ()

    def as_data(self) -> dict[str, Any]:
        return {
            "family": self.family,
            "resource": self.resource,
            "name": short_name(self.resource),
            "region": self.region,
            "dollars": None if self.dollars is None else float(round_cents(self.dollars)),
            "euros": None if self.euros is None else float(round_cents(self.euros)),
            "unknown": list(self.unknown),
            "unmeasured": list(self.unmeasured),
            "unconfirmed": list(self.unconfirmed),
        }


def costs(inventory: Inventory) -> list[Cost]:
    """The dearest first, the unknown last."""
    found = [_cost(family, thing, quantities) for family, thing, quantities in _bought(inventory)]
    return sorted(found, key=lambda cost: (cost.dollars is None, -(cost.dollars or 0), cost.resource))


def _cost(family: str, thing: Thing, quantities: tuple[Quantity, ...]) -> Cost:
    amount = pricing.price(quantities, price_list(thing["Region"]))
    return Cost(**vars(amount), family=family, resource=thing["Arn"], region=thing["Region"], quantities=quantities)


def _bought(inventory: Inventory) -> Iterator[tuple[str, Thing, tuple[Quantity, ...]]]:
    for each in inventory.instances:
        if each["State"]["Name"] == "running":
            yield "ec2", each, (pricing.instance(each["InstanceType"]),)
    for each in inventory.volumes:
        kind = each["VolumeType"]
        speed = pricing.volume_speed(kind, iops=each.get("Iops") or 0, megabytes=each.get("Throughput") or 0)
        yield "ebs", each, (pricing.volume(kind, each["Size"]), *speed)
    for each in inventory.snapshots:
        yield "ebs", each, (pricing.volume_snapshot(each.get("VolumeSize", 0)),)
    for each in inventory.elastic_ips:
        yield "ipv4", each, (pricing.public_ipv4(),)
    for each in inventory.gateways:
        yield "nat", each, (pricing.nat_gateways(),)
    for each in inventory.endpoints:
        if each.get("VpcEndpointType") == "Interface":
            yield "endpoint", each, (pricing.interface_endpoints(len(each.get("SubnetIds", []))),)
    for each in inventory.balancers:
        public = len(each.get("AvailabilityZones", [])) if each.get("Scheme") == "internet-facing" else 0
        kind = each.get("Type", "application")
        yield "balancer", each, (pricing.balancers(kind), pricing.public_ipv4(public))
    for each in inventory.databases:
        size, standby = each["AllocatedStorage"], bool(each.get("MultiAZ"))
        engine = each.get("Engine", "mysql")
        hours, storage = pricing.database(each["DBInstanceClass"], size, multi_az=standby, engine=engine)
        # Of one that is stopped the storage alone is paid.
        # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance.html
        yield "rds", each, (storage,) if each.get("DBInstanceStatus") == "stopped" else (hours, storage)
    for each in inventory.database_snapshots:
        yield "rds", each, (pricing.database_backup(each["AllocatedStorage"]),)
    for each in inventory.caches:
        nodes = len(each.get("MemberClusters", [])) or 1
        yield "elasticache", each, (pricing.cache(each.get("CacheNodeType"), nodes),)
    for each in inventory.buckets:
        measured = inventory.measures.get(("bytes", each["Arn"]))
        yield "s3", each, (pricing.stored_objects(Decimal(measured[-1]) / GIGABYTE if measured else None),)
    for each in inventory.secrets:
        yield "secrets", each, (pricing.secrets(),)
    for each in inventory.keys:
        yield "kms", each, (pricing.kms_keys(),)
    for each in inventory.alarms:
        metrics = [query for query in each.get("Metrics", []) if query.get("MetricStat")]
        yield "cloudwatch", each, (pricing.alarms([len(metrics)]),)

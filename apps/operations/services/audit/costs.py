"""What each resource costs in a month as it stands now. What is paid by use (traffic, requests, logs) is left out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.common.money import round_cents
from apps.operations.price_list import PriceList, price_list
from apps.operations.services.audit.finding import short_name
from apps.operations.services.audit.inventory import Inventory, Thing

# One price of the table and how much of it: hours, gigabytes, pieces. An unknown quantity has no cost either.
Part = tuple[str, Decimal | None]
GIGABYTE = Decimal(1024**3)
HOURS = Decimal(730)


@dataclass(frozen=True)
class Cost:
    """`dollars` and `euros` are None when a price or a quantity is not known: it is then named and added to nothing.
    Not rounded yet: what is added up is rounded once."""

    family: str
    resource: str
    region: str
    parts: tuple[Part, ...]
    dollars: Decimal | None
    euros: Decimal | None
    # What the table does not know.
    unknown: tuple[str, ...]
    # Prices that the table itself calls unconfirmed.
    unconfirmed: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        return {
            "family": self.family,
            "resource": self.resource,
            "name": short_name(self.resource),
            "region": self.region,
            "dollars": None if self.dollars is None else float(round_cents(self.dollars)),
            "euros": None if self.euros is None else float(round_cents(self.euros)),
            "unknown": list(self.unknown),
            "unconfirmed": list(self.unconfirmed),
        }


def costs(inventory: Inventory) -> list[Cost]:
    """The dearest first, the unknown last."""
    found = []
    for family, thing, parts in _bought(inventory):
        found.append(priced(family, thing, list(parts), price_list(thing["Region"])))
    return sorted(found, key=lambda cost: (cost.dollars is None, -(cost.dollars or 0), cost.resource))


def priced(family: str, thing: Thing, parts: list[Part], prices: PriceList | None) -> Cost:
    amounts = [_amount(name, quantity, prices) for name, quantity in parts]
    unknown = tuple(name for (name, _), amount in zip(parts, amounts, strict=True) if amount is None)
    dollars = None if unknown else sum((amount for amount in amounts if amount), Decimal(0))
    return Cost(
        family=family,
        resource=thing["Arn"],
        region=thing["Region"],
        parts=tuple(parts),
        dollars=dollars,
        euros=prices.euros(dollars) if prices and dollars is not None else None,
        unknown=unknown,
        unconfirmed=tuple(name for name, _ in parts if prices and name not in unknown and name in prices.unconfirmed),
    )


def _amount(name: str, quantity: Decimal | None, prices: PriceList | None) -> Decimal | None:
    price = prices.named(name) if prices else None
    return None if price is None or quantity is None else price * quantity


def month(pieces: int = 1) -> Decimal:
    """Hours in a month of so many pieces, as AWS counts them and the table says."""
    return HOURS * pieces


def _bought(inventory: Inventory) -> Iterator[tuple[str, Thing, Iterable[Part]]]:
    for each in inventory.instances:
        if each["State"]["Name"] == "running":
            yield "ec2", each, [(f"ec2.{each['InstanceType']}", month())]
    for each in inventory.volumes:
        yield "ebs", each, [(f"ebs.{each['VolumeType']}_gb_month", Decimal(each["Size"]))]
    for each in inventory.snapshots:
        # At most: AWS bills the blocks that changed, and does not say how many they are.
        yield "ebs", each, [("ebs.snapshot_gb_month", Decimal(each.get("VolumeSize", 0)))]
    for each in inventory.addresses:
        yield "ipv4", each, [("ipv4.hour", month())]
    for each in inventory.gateways:
        yield "nat", each, [("nat.hour", month())]
    for each in inventory.endpoints:
        if each.get("VpcEndpointType") == "Interface":
            yield "endpoint", each, [("endpoint.hour", month(len(each.get("SubnetIds", []))))]
    for each in inventory.balancers:
        kind = "balancer.hour" if each.get("Type", "application") == "application" else f"balancer.{each['Type']}_hour"
        public = len(each.get("AvailabilityZones", [])) if each.get("Scheme") == "internet-facing" else 0
        yield "balancer", each, [(kind, month()), ("ipv4.hour", month(public))]
    for each in inventory.databases:
        copies = 2 if each.get("MultiAZ") else 1
        yield (
            "rds",
            each,
            [
                (f"rds.{each['DBInstanceClass']}", month(copies)),
                ("rds.storage_gb_month", Decimal(each["AllocatedStorage"] * copies)),
            ],
        )
    for each in inventory.database_snapshots:
        yield "rds", each, [("rds.backup_gb_month", Decimal(each["AllocatedStorage"]))]
    for each in inventory.caches:
        nodes = len(each.get("MemberClusters", [])) or 1
        yield "elasticache", each, [(f"elasticache.{each.get('CacheNodeType')}", month(nodes))]
    for each in inventory.buckets:
        measured = inventory.measures.get(("bytes", each["Arn"]))
        size = Decimal(measured[-1]) / GIGABYTE if measured else None
        yield "s3", each, [("s3.standard_gb_month", size)]
    for each in inventory.secrets:
        yield "secrets", each, [("secrets.secret", Decimal(1))]
    for each in inventory.alarms:
        metrics = [query for query in each.get("Metrics", []) if query.get("MetricStat")]
        yield "cloudwatch", each, [("cloudwatch.alarm_metric", Decimal(len(metrics) or 1))]

"""The monthly cost of a resource: the quantities that AWS bills for it, times the prices of a list.

The audit prices what runs in an account, deploy/platform_tests/cost what Terraform's plans describe: each reads its own
source and takes the quantities from here. Standard library alone, because the latter runs without the shop's packages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.operations.price_list import PriceList

# One price of the list and how much of it: hours, gigabytes, pieces. An unknown quantity has no cost either.
Quantity = tuple[str, Decimal | None]
# A month, as AWS's own calculator counts it.
HOURS = Decimal(730)


@dataclass(frozen=True)
class Amount:
    """`dollars` and `euros` are None when a price or a quantity is unknown. Not rounded: a sum is rounded once."""

    dollars: Decimal | None
    euros: Decimal | None
    # Prices that the list lacks, or with an unknown quantity.
    unknown: tuple[str, ...]
    # Prices that the list itself calls unconfirmed.
    unconfirmed: tuple[str, ...]
    # Of the unknown those whose price is known and whose quantity is not.
    unmeasured: tuple[str, ...] = ()


def price(quantities: Sequence[Quantity], prices: PriceList | None) -> Amount:
    """Without a list every price is unknown."""
    amounts = [_amount(quantity, prices) for quantity in quantities]
    unknown = tuple(name for (name, _), amount in zip(quantities, amounts, strict=True) if amount is None)
    dollars = None if unknown else sum((amount for amount in amounts if amount), Decimal(0))
    return Amount(
        dollars=dollars,
        euros=prices.euros(dollars) if prices and dollars is not None else None,
        unknown=unknown,
        unconfirmed=tuple(
            name for name, _ in quantities if prices and name not in unknown and name in prices.unconfirmed
        ),
        unmeasured=tuple(name for name, pieces in quantities if pieces is None and prices and prices.named(name)),
    )


def _amount(quantity: Quantity, prices: PriceList | None) -> Decimal | None:
    name, pieces = quantity
    found = prices.named(name) if prices else None
    return None if found is None or pieces is None else found * pieces


def instance(kind: str, hours: Decimal = HOURS) -> Quantity:
    return f"ec2.{kind}", hours


def volume(kind: str, gigabytes: Decimal | int) -> Quantity:
    return f"ebs.{kind}_gb_month", Decimal(gigabytes)


# What each gp3 has without paying for it.
GP3_IOPS, GP3_MEGABYTES = 3000, 125


def volume_speed(kind: str, *, iops: int, megabytes: int) -> tuple[Quantity, ...]:
    """Operations and megabytes a second that are paid beside the size."""
    if kind in {"io1", "io2"}:
        return ((f"ebs.{kind}_iops_month", Decimal(iops)),)
    if kind != "gp3":
        return ()
    more = (("ebs.gp3_iops_month", iops - GP3_IOPS), ("ebs.gp3_mbps_month", megabytes - GP3_MEGABYTES))
    return tuple((name, Decimal(count)) for name, count in more if count > 0)


def volume_snapshot(gigabytes: int) -> Quantity:
    """At most: AWS bills the blocks that changed, and does not say how many they are."""
    return "ebs.snapshot_gb_month", Decimal(gigabytes)


def public_ipv4(count: int = 1) -> Quantity:
    return "ipv4.hour", HOURS * count


def nat_gateways(count: int = 1) -> Quantity:
    return "nat.hour", HOURS * count


def interface_endpoints(zones: int, count: int = 1) -> Quantity:
    """Each is billed in each of its zones."""
    return "endpoint.hour", HOURS * zones * count


def balancers(kind: str = "application", count: int = 1) -> Quantity:
    return "balancer.hour" if kind == "application" else f"balancer.{kind}_hour", HOURS * count


# The list has their prices, which are the same.
ENGINES = {"mysql", "mariadb"}


def database(kind: str, gigabytes: int, *, multi_az: bool, engine: str = "mysql") -> tuple[Quantity, Quantity]:
    """Hours and storage; the standby costs as much as the database. Other engines have other prices."""
    copies = 2 if multi_az else 1
    name = f"rds.{kind}" if engine in ENGINES else f"rds.{engine} {kind}"
    return (name, HOURS * copies), ("rds.storage_gb_month", Decimal(gigabytes * copies))


def database_backup(gigabytes: Decimal | int) -> Quantity:
    return "rds.backup_gb_month", Decimal(gigabytes)


def cache(kind: str | None, nodes: int) -> Quantity:
    return f"elasticache.{kind}", HOURS * nodes


def stored_objects(gigabytes: Decimal | None) -> Quantity:
    return "s3.standard_gb_month", gigabytes


def secrets(count: int = 1) -> Quantity:
    return "secrets.secret", Decimal(count)


def kms_keys(count: int = 1) -> Quantity:
    """Keys of the customer's; requests are paid besides."""
    return "kms.key", Decimal(count)


def alarms(metrics: Sequence[int]) -> Quantity:
    """`metrics` is how many each alarm's expression reads; 0 for an alarm on one metric without an expression."""
    return "cloudwatch.alarm_metric", Decimal(sum(count or 1 for count in metrics))

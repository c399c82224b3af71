"""Findings about money: unused resources, and cheaper ones. Amounts are euros a month, by the dated price list."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.formats import localize
from django.utils.translation import gettext as _

from apps.common.money import round_cents
from apps.operations.price_list import price_list
from apps.operations.services.audit.costs import Cost
from apps.operations.services.audit.finding import Finding, Severity
from apps.operations.services.audit.inventory import Inventory, running, tags
from apps.operations.services.timetable.machines import STOPPED as STOPPED_BY_TIMETABLE

Costs = dict[str, Cost]
# A week of values, or there is no finding about its use.
ENOUGH_DAYS = 7
IDLE_CPU, SMALL_CPU = 5.0, 25.0
OLD_SNAPSHOT = timedelta(days=90)
LONG_USE = timedelta(days=90)
# Sizes of a family, each twice the one before; the smallest has no finding.
SIZES = ["nano", "micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge"]


def _euros(costs: Costs, arn: str) -> Decimal | None:
    cost = costs.get(arn)
    return round_cents(cost.euros) if cost and cost.euros is not None else None


def _price(thing: dict[str, Any], name: str) -> Decimal | None:
    prices = price_list(thing["Region"])
    return prices.named(name) if prices else None


def _saved(thing: dict[str, Any], dollars: Decimal) -> Decimal | None:
    prices = price_list(thing["Region"])
    return round_cents(prices.euros(dollars)) if prices else None


def _highest(inventory: Inventory, name: str, arn: str) -> float | None:
    values = inventory.measures.get((name, arn), [])
    return max(values) if len(values) >= ENOUGH_DAYS else None


def idle(inventory: Inventory, costs: Costs) -> Iterator[Finding]:
    """Machines that did nothing all week, databases to which nobody connected."""
    for each in running(inventory):
        highest = _highest(inventory, "cpu", each["Arn"])
        if highest is not None and highest < IDLE_CPU:
            yield Finding(
                "idle_instance",
                Severity.LOW,
                each["Arn"],
                each["Region"],
                _("L’instance %(name)s n’a jamais dépassé %(cpu)s %% de processeur en deux semaines.")
                % {"name": each["InstanceId"], "cpu": localize(round(highest, 1))},
                _("Arrêtez-la, ou diminuez le minimum de sa flotte."),
                _euros(costs, each["Arn"]),
            )
    for each in inventory.databases:
        if _highest(inventory, "connections", each["Arn"]) == 0:
            yield Finding(
                "idle_database",
                Severity.LOW,
                each["Arn"],
                each["Region"],
                _("Personne ne s’est connecté à la base « %(name)s » en deux semaines.")
                % {"name": each["DBInstanceIdentifier"]},
                _("Prenez un dernier instantané et supprimez-la."),
                _euros(costs, each["Arn"]),
            )


def oversized(inventory: Inventory, costs: Costs) -> Iterator[Finding]:
    """A machine half as large would do. An idle one is a finding of its own check."""
    for each in running(inventory):
        yield from _oversized(inventory, costs, each, each["InstanceType"], each["InstanceId"], "ec2")
    for each in inventory.databases:
        if _highest(inventory, "connections", each["Arn"]) != 0:
            name = each["DBInstanceIdentifier"]
            yield from _oversized(inventory, costs, each, each["DBInstanceClass"], name, "rds")


def _oversized(
    inventory: Inventory, costs: Costs, thing: dict[str, Any], kind: str, name: str, section: str
) -> Iterator[Finding]:
    highest = _highest(inventory, "cpu", thing["Arn"])
    smaller = one_size_down(kind)
    if highest is None or smaller is None or highest >= SMALL_CPU or (section == "ec2" and highest < IDLE_CPU):
        return
    now, then = f"{section}.{kind}", f"{section}.{smaller}"
    hours = _hours(costs, thing["Arn"], now)
    today, smaller_price = _price(thing, now), _price(thing, then)
    saved = _saved(thing, (today - smaller_price) * hours) if today and smaller_price and hours else None
    yield Finding(
        f"oversized_{'instance' if section == 'ec2' else 'database'}",
        Severity.LOW,
        thing["Arn"],
        thing["Region"],
        _("%(name)s (%(kind)s) n’a jamais dépassé %(cpu)s %% de processeur en deux semaines.")
        % {"name": name, "kind": kind, "cpu": localize(round(highest, 1))},
        _("Essayez %(smaller)s, après un regard sur la mémoire, que CloudWatch ne mesure pas ici.")
        % {"smaller": smaller},
        saved,
    )


def one_size_down(kind: str) -> str | None:
    """« t3.small » of « t3.medium », « db.m7g.large » of « db.m7g.xlarge ». The m, c and r families begin at large."""
    family, _dot, size = kind.rpartition(".")
    if size not in SIZES or size == SIZES[0]:
        return None
    smaller = SIZES[SIZES.index(size) - 1]
    burstable = family.removeprefix("db.").startswith("t")
    return f"{family}.{smaller}" if burstable or SIZES.index(smaller) >= SIZES.index("large") else None


def _hours(costs: Costs, arn: str, price: str) -> Decimal | None:
    cost = costs.get(arn)
    return next((quantity for name, quantity in cost.quantities if name == price), None) if cost else None


def unused(inventory: Inventory, costs: Costs) -> Iterator[Finding]:
    for each in inventory.volumes:
        if each["State"] == "available":
            yield Finding(
                "unattached_volume",
                Severity.LOW,
                each["Arn"],
                each["Region"],
                _("Le volume %(name)s (%(size)d Go) n’est attaché à rien.")
                % {"name": each["VolumeId"], "size": each["Size"]},
                _("Gardez-en un instantané s’il le mérite, et supprimez-le."),
                _euros(costs, each["Arn"]),
            )
    for each in inventory.elastic_ips:
        if not (each.get("AssociationId") or each.get("InstanceId") or each.get("NetworkInterfaceId")):
            yield Finding(
                "unused_address",
                Severity.LOW,
                each["Arn"],
                each["Region"],
                _("L’adresse %(ip)s ne sert à rien.") % {"ip": each["PublicIp"]},
                _("Rendez-la à AWS, si aucun DNS ne la nomme."),
                _euros(costs, each["Arn"]),
            )
    for each in inventory.balancers:
        if each["Targets"] == 0:
            yield Finding(
                "idle_balancer",
                Severity.LOW,
                each["Arn"],
                each["Region"],
                _("Le répartiteur « %(name)s » n’a personne derrière lui.") % {"name": each["LoadBalancerName"]},
                _("Supprimez-le, ou attachez-lui sa flotte."),
                _euros(costs, each["Arn"]),
            )


def old_snapshots(inventory: Inventory, costs: Costs) -> Iterator[Finding]:
    candidates = [
        *(
            (each, each["SnapshotId"], each["StartTime"])
            for each in inventory.snapshots
            if each["SnapshotId"] not in inventory.imaged
        ),
        *(
            (each, each["DBSnapshotIdentifier"], each["SnapshotCreateTime"])
            for each in inventory.database_snapshots
            if "SnapshotCreateTime" in each
        ),
    ]
    for each, name, taken_at in candidates:
        if inventory.now - taken_at > OLD_SNAPSHOT:
            yield Finding(
                "old_snapshot",
                Severity.LOW,
                each["Arn"],
                each["Region"],
                _("L’instantané %(name)s a %(days)d jours.") % {"name": name, "days": (inventory.now - taken_at).days},
                _("Supprimez-le s’il ne sert plus (manage.py cleanup s’occupe des nôtres)."),
                _euros(costs, each["Arn"]),
            )


def commitments(inventory: Inventory, costs: Costs) -> Iterator[Finding]:
    """Reservations for what has run on demand for three months. What is reserved already is left out; Savings Plans are
    not read, hence the last sentence."""
    left = dict(inventory.reserved)
    for each, kind, since in _long_used(inventory):
        section, name = kind
        copies = 2 if each.get("MultiAZ") else 1
        if left.get(kind, 0) >= copies:
            left[kind] -= copies
            continue
        rate = "savings.compute_plan_1_year" if section == "ec2" else "savings.database_1_year"
        price, part = _price(each, f"{section}.{name}"), _price(each, rate)
        hours = _hours(costs, each["Arn"], f"{section}.{name}")
        saved = _saved(each, price * hours * part) if price and part and hours else None
        what = _("Savings Plan d’un an") if section == "ec2" else _("instance réservée un an")
        yield Finding(
            "commit_to_use",
            Severity.INFO,
            each["Arn"],
            each["Region"],
            _("%(kind)s tourne à la demande depuis %(days)d jours.")
            % {"kind": name, "days": (inventory.now - since).days},
            _("Demandez à Cost Explorer le prix exact (%(what)s), si aucun engagement ne la couvre déjà.")
            % {"what": what},
            saved,
        )


def _long_used(inventory: Inventory) -> Iterator[tuple[dict[str, Any], tuple[str, str], datetime]]:
    """Instances of a fleet come and go: the fleet's age counts, for its minimum size."""
    fleets = {
        each["InstanceId"]: fleet
        for fleet in inventory.fleets
        for each in fleet.get("Instances", [])[: fleet["MinSize"]]
    }
    surplus = {each["InstanceId"] for fleet in inventory.fleets for each in fleet.get("Instances", [])} - set(fleets)
    for each in running(inventory):
        fleet = fleets.get(each["InstanceId"])
        since = fleet["CreatedTime"] if fleet else each["LaunchTime"]
        is_ours_to_promise = each.get("InstanceLifecycle") != "spot" and each["InstanceId"] not in surplus
        if is_ours_to_promise and inventory.now - since >= LONG_USE:
            yield each, ("ec2", each["InstanceType"]), since
    for each in inventory.databases:
        if each["DBInstanceStatus"] == "available" and inventory.now - each["InstanceCreateTime"] >= LONG_USE:
            yield each, ("rds", each["DBInstanceClass"]), each["InstanceCreateTime"]


# https://aws.amazon.com/ec2/previous-generation/ and RDS's list of classes.
FORMER_FAMILIES = {
    *("a1", "c1", "c3", "c4", "g2", "g3", "i2", "m1", "m2", "m3", "m4", "p2", "r3", "r4", "t1"),
    *("db.m1", "db.m2", "db.m3", "db.m4", "db.r3", "db.r4", "db.t1", "db.t2"),
}


def cheaper(inventory: Inventory, costs: Costs) -> Iterator[Finding]:
    """The same for less: newer machines, gp3, no disks under what is stopped, no gateway that nothing goes through."""
    for each in [*running(inventory), *inventory.databases]:
        kind = each.get("InstanceType") or each["DBInstanceClass"]
        if kind.rpartition(".")[0] in FORMER_FAMILIES:
            yield Finding(
                "old_generation",
                Severity.LOW,
                each["Arn"],
                each["Region"],
                _("%(kind)s est d’une génération ancienne.") % {"kind": kind},
                _("Prenez le type d’aujourd’hui de même taille : plus rapide, et moins cher."),
            )
    for each in inventory.volumes:
        if each.get("VolumeType") == "gp2":
            now, then = _price(each, "ebs.gp2_gb_month"), _price(each, "ebs.gp3_gb_month")
            yield Finding(
                "old_volume_type",
                Severity.LOW,
                each["Arn"],
                each["Region"],
                _("Le volume %(name)s (%(size)d Go) est un gp2.") % {"name": each["VolumeId"], "size": each["Size"]},
                _("Passez-le en gp3, sans arrêt : aws ec2 modify-volume --volume-type gp3."),
                _saved(each, (now - then) * each["Size"]) if now and then else None,
            )
    yield from _stopped(inventory, costs)
    for each in inventory.gateways:
        if _highest(inventory, "bytes", each["Arn"]) == 0:
            yield Finding(
                "idle_gateway",
                Severity.LOW,
                each["Arn"],
                each["Region"],
                _("Rien n’est sorti par la passerelle NAT %(name)s en deux semaines.") % {"name": each["NatGatewayId"]},
                _("Supprimez-la, et la route qui y mène."),
                _euros(costs, each["Arn"]),
            )


def _stopped(inventory: Inventory, costs: Costs) -> Iterator[Finding]:
    """But what the timetable stops, which starts again by itself."""
    disks = {each["VolumeId"]: each["Arn"] for each in inventory.volumes}
    for each in inventory.instances:
        mapped = [one.get("Ebs", {}).get("VolumeId") for one in each.get("BlockDeviceMappings", [])]
        paid = [disks[name] for name in mapped if name in disks]
        if each["State"]["Name"] == "stopped" and paid and STOPPED_BY_TIMETABLE not in tags(each):
            amounts = [_euros(costs, arn) for arn in paid]
            yield Finding(
                "stopped_with_disks",
                Severity.LOW,
                each["Arn"],
                each["Region"],
                _("L’instance %(name)s est arrêtée, et ses %(count)d disques se paient.")
                % {"name": each["InstanceId"], "count": len(paid)},
                _("Si elle ne sert plus, gardez une image et supprimez-la avec ses disques."),
                sum((amount for amount in amounts if amount), Decimal(0)) or None,
            )


CHECKS: tuple[Callable[[Inventory, Costs], Iterator[Finding]], ...] = (
    idle,
    oversized,
    unused,
    old_snapshots,
    commitments,
    cheaper,
)

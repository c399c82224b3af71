"""The monthly cost of a plan's resources: quantities from the plan, usage from terraform/usage.toml.

A fleet counts with its fewest instances, over a week of its timetable.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from local import Unusable

from apps.operations import pricing
from apps.operations.price_list import PriceList
from apps.operations.pricing import Quantity

DAYS = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
WEEK_HOURS = 7 * 24
# Detailed monitoring of an instance.
METRICS_OF_INSTANCE = 7


@dataclass(frozen=True)
class Line:
    subject: str
    what: str
    quantity: Quantity

    def amount(self, prices: PriceList) -> pricing.Amount:
        return pricing.price([self.quantity], prices)

    def dollars(self, prices: PriceList) -> Decimal:
        dollars = self.amount(prices).dollars
        if dollars is None:
            raise Unusable(f"The price list of {prices.region} has no {self.quantity[0]}.")
        return dollars


class Plan:
    """`terraform show -json` of a plan, by type of resource."""

    def __init__(self, plan: dict) -> None:
        # Terraform's order is not stable.
        self.resources = sorted(_walk(plan["planned_values"]["root_module"]), key=lambda one: one["address"])

    def of(self, kind: str) -> list[dict]:
        return [one for one in self.resources if one["type"] == kind]

    def values(self, kind: str) -> list[dict]:
        return [one["values"] for one in self.of(kind)]

    def beside(self, resource: dict, kind: str) -> list[dict]:
        """Resources of the same module."""
        module = resource["address"].rpartition(f"{resource['type']}.")[0]
        return [one["values"] for one in self.of(kind) if one["address"].startswith(f"{module}{kind}.")]


def _walk(module: dict) -> Iterable[dict]:
    yield from (one for one in module.get("resources", []) if one["mode"] == "managed")
    for child in module.get("child_modules", []):
        yield from _walk(child)


def lines(plan: Plan, usage: dict) -> list[Line]:
    zones = len([one for one in plan.of("aws_subnet") if ".app[" in one["address"]])
    return [
        *_fleets(plan),
        *_databases(plan, usage),
        *_network(plan, usage, zones),
        *_edge(plan, usage),
        *_files_and_secrets(plan, usage),
        *_monitoring(plan, usage),
    ]


def used(price: str, pieces: Decimal | int) -> Quantity:
    """The quantity of a price that is paid by usage or by piece."""
    return price, Decimal(pieces)


def _fleets(plan: Plan) -> Iterable[Line]:
    for template in plan.of("aws_launch_template"):
        (group,) = plan.beside(template, "aws_autoscaling_group")
        count = average_instances(group["min_size"], plan.beside(template, "aws_autoscaling_schedule"))
        kind = template["values"]["instance_type"]
        subject = f"Instances, {template['values']['name'].rpartition('-')[2]}"
        disk = template["values"]["block_device_mappings"][0]["ebs"][0]["volume_size"]
        yield Line(subject, f"{kind}, {float(count):.2g} on average", pricing.instance(kind, count * pricing.HOURS))
        yield Line(subject, f"gp3 disks of {disk} GB", pricing.volume("gp3", count * disk))
        yield Line(subject, "detailed monitoring", used("cloudwatch.metric", count * METRICS_OF_INSTANCE))


def average_instances(fewest: int, timetable: list[dict]) -> Decimal:
    """Over a week, after a first one in which the timetable takes hold."""
    changes = {}
    for action in timetable:
        minute, hour, _, _, days = action["recurrence"].split()
        for day in _days(days):
            changes[day * 24 + int(hour) + Decimal(minute) / 60] = action["desired_capacity"]
    if not changes:
        return Decimal(fewest)
    moments = sorted(changes)
    total = Decimal(0)
    for moment, following in zip(moments, [*moments[1:], moments[0] + WEEK_HOURS], strict=True):
        total += changes[moment] * (following - moment)
    return total / WEEK_HOURS


def _days(field: str) -> Iterable[int]:
    if field == "*":
        return range(7)
    first, _, last = field.partition("-")
    return range(DAYS.index(first), DAYS.index(last or first) + 1)


def _databases(plan: Plan, usage: dict) -> Iterable[Line]:
    for database in plan.values("aws_db_instance"):
        kind, size, multi_az = database["instance_class"], database["allocated_storage"], database["multi_az"]
        standby = ", with standby" if multi_az else ""
        hours, storage = pricing.database(kind, size or 0, multi_az=multi_az)
        yield Line("Database", f"{kind}{standby}", hours)
        if size:
            yield Line("Database", f"{size} GB{standby}", storage)
        yield Line("Database", "password in Secrets Manager", pricing.secrets())
    if usage["backup_gb"]:
        yield Line("Backups", f"{usage['backup_gb']} GB of copies", pricing.database_backup(usage["backup_gb"]))


def _network(plan: Plan, usage: dict, zones: int) -> Iterable[Line]:
    gateways = len(plan.of("aws_nat_gateway"))
    what = f"{gateways} gateways" if gateways > 1 else "1 gateway"
    yield Line("NAT", what, pricing.nat_gateways(gateways))
    yield Line("NAT", f"{usage['nat_gb']} GB", used("nat.gb", usage["nat_gb"]))
    yield Line("NAT", "public addresses", pricing.public_ipv4(gateways))
    services = len([one for one in plan.values("aws_vpc_endpoint") if one["vpc_endpoint_type"] == "Interface"])
    if services:
        quantity = pricing.interface_endpoints(zones, services)
        yield Line("Endpoints", f"{services} services in {zones} zones", quantity)
    count = len(plan.of("aws_lb"))
    yield Line("Balancer", "hours", pricing.balancers(count=count))
    units = usage["capacity_units"]
    yield Line("Balancer", f"{units} capacity units", used("balancer.capacity_unit_hour", units * pricing.HOURS))
    yield Line("Balancer", f"public addresses in {zones} zones", pricing.public_ipv4(count * zones))


def _edge(plan: Plan, usage: dict) -> Iterable[Line]:
    requests = usage["cdn_million_requests"]
    millions = f"{requests} million requests"
    checks = len(plan.of("aws_route53_health_check"))
    yield Line("Edge", f"{usage['cdn_gb']} GB", used("cloudfront.gb", usage["cdn_gb"]))
    yield Line("Edge", millions, used("cloudfront.million_requests", requests))
    yield Line("Edge", "names", used("route53.zone", len(plan.of("aws_route53_zone"))))
    yield Line("Edge", "health seen from outside", used("route53.health_check", checks))
    for firewall in plan.values("aws_wafv2_web_acl"):
        rules = firewall["rule"]
        yield Line("Firewall", "one", used("waf.acl", 1))
        yield Line("Firewall", f"{len(rules)} rules", used("waf.rule", len(rules)))
        yield Line("Firewall", millions, used("waf.million_requests", requests))
        if any(rule["name"].endswith("BotControlRuleSet") for rule in rules):
            yield Line("Firewall", "bot rules", used("waf.bot_control", 1))
            yield Line("Firewall", "requests seen by bot rules", used("waf.million_requests_bot_control", requests))


def _files_and_secrets(plan: Plan, usage: dict) -> Iterable[Line]:
    yield Line("Files", f"{usage['files_gb']} GB", pricing.stored_objects(Decimal(usage["files_gb"])))
    secrets = len(plan.of("aws_secretsmanager_secret"))
    yield Line("Secrets", f"{secrets} of the shop", pricing.secrets(secrets))
    keys = len(plan.of("aws_kms_key"))
    yield Line("Secrets", f"{keys} keys", pricing.kms_keys(keys))
    yield Line("E-mail", f"{usage['emails_thousand']} thousand", used("ses.thousand_emails", usage["emails_thousand"]))


def _monitoring(plan: Plan, usage: dict) -> Iterable[Line]:
    alarms = plan.values("aws_cloudwatch_metric_alarm")
    metrics = [len([one for one in alarm["metric_query"] if one["metric"]]) for alarm in alarms]
    yield Line("Watching", f"{len(alarms)} alarms", pricing.alarms(metrics))
    own = len(plan.of("aws_cloudwatch_log_metric_filter"))
    dashboards = len(plan.of("aws_cloudwatch_dashboard"))
    yield Line("Watching", f"{own} metrics from logs", used("cloudwatch.metric", own))
    yield Line("Watching", "dashboard", used("cloudwatch.dashboard", dashboards))
    yield Line("Watching", f"{usage['logs_gb']} GB of logs in", used("cloudwatch.logs_gb", usage["logs_gb"]))
    yield Line("Watching", "logs kept", used("cloudwatch.logs_gb_month", usage["logs_gb"]))

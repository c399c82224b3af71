"""The monthly cost of a plan's resources: quantities from the plan, usage from terraform/usage.toml.

A fleet counts with its fewest instances, over a week of its timetable.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

DAYS = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
WEEK_HOURS = 7 * 24
# Detailed monitoring of an instance.
METRICS_OF_INSTANCE = 7


@dataclass(frozen=True)
class Line:
    subject: str
    what: str
    price: str
    quantity: float


class Plan:
    """`terraform show -json` of a plan, by type of resource."""

    def __init__(self, shown: dict) -> None:
        # Terraform tells them in no order that lasts.
        self.resources = sorted(_walk(shown["planned_values"]["root_module"]), key=lambda one: one["address"])

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


def lines(plan: Plan, usage: dict, hours: int) -> list[Line]:
    zones = len([one for one in plan.of("aws_subnet") if ".app[" in one["address"]])
    return [
        *_fleets(plan, hours),
        *_databases(plan, usage, hours),
        *_network(plan, usage, hours, zones),
        *_edge(plan, usage),
        *_files_and_secrets(plan, usage),
        *_watching(plan, usage),
    ]


def _fleets(plan: Plan, hours: int) -> Iterable[Line]:
    for template in plan.of("aws_launch_template"):
        (group,) = plan.beside(template, "aws_autoscaling_group")
        timetable = plan.beside(template, "aws_autoscaling_schedule")
        awake = average_instances(group["min_size"], timetable) * hours
        kind = template["values"]["instance_type"]
        subject = f"Instances, {template['values']['name'].rpartition('-')[2]}"
        disk = template["values"]["block_device_mappings"][0]["ebs"][0]["volume_size"]
        yield Line(subject, f"{kind}, {awake / hours:.2g} on average", f"ec2.{kind}", awake)
        yield Line(subject, f"gp3 disks of {disk} GB", "ebs.gp3_gb_month", awake / hours * disk)
        yield Line(subject, "detailed monitoring", "cloudwatch.metric", awake / hours * METRICS_OF_INSTANCE)


def average_instances(fewest: int, timetable: list[dict]) -> float:
    """Over a week, after a first one in which the timetable takes hold."""
    changes = {}
    for action in timetable:
        minute, hour, _, _, days = action["recurrence"].split()
        for day in _days(days):
            changes[day * 24 + int(hour) + int(minute) / 60] = action["desired_capacity"]
    if not changes:
        return fewest
    moments = sorted(changes)
    total = 0.0
    for moment, following in zip(moments, [*moments[1:], moments[0] + WEEK_HOURS], strict=True):
        total += changes[moment] * (following - moment)
    return total / WEEK_HOURS


def _days(field: str) -> Iterable[int]:
    if field == "*":
        return range(7)
    first, _, last = field.partition("-")
    return range(DAYS.index(first), DAYS.index(last or first) + 1)


def _databases(plan: Plan, usage: dict, hours: int) -> Iterable[Line]:
    for database in plan.values("aws_db_instance"):
        twice = 2 if database["multi_az"] else 1
        kind, standby = database["instance_class"], ", with standby" if twice == 2 else ""
        subject = "Database"
        yield Line(subject, f"{kind}{standby}", f"rds.{kind}", hours * twice)
        if size := database["allocated_storage"]:
            yield Line(subject, f"{size} GB{standby}", "rds.storage_gb_month", size * twice)
        yield Line(subject, "password in Secrets Manager", "secrets.secret", 1)
    if usage["backup_gb"]:
        yield Line("Backups", f"{usage['backup_gb']} GB of copies", "rds.backup_gb_month", usage["backup_gb"])


def _network(plan: Plan, usage: dict, hours: int, zones: int) -> Iterable[Line]:
    gateways = len(plan.of("aws_nat_gateway"))
    yield Line("NAT", f"{gateways} gateways" if gateways > 1 else "1 gateway", "nat.hour", gateways * hours)
    yield Line("NAT", f"{usage['nat_gb']} GB", "nat.gb", usage["nat_gb"])
    yield Line("NAT", "public addresses", "ipv4.hour", gateways * hours)
    inside = [one for one in plan.values("aws_vpc_endpoint") if one["vpc_endpoint_type"] == "Interface"]
    if inside:
        what = f"{len(inside)} services in {zones} zones"
        yield Line("Endpoints", what, "endpoint.hour", len(inside) * zones * hours)
    balancers = len(plan.of("aws_lb"))
    yield Line("Balancer", "hours", "balancer.hour", balancers * hours)
    units = usage["capacity_units"]
    yield Line("Balancer", f"{units} capacity units", "balancer.capacity_unit_hour", units * hours)
    yield Line("Balancer", f"public addresses in {zones} zones", "ipv4.hour", balancers * zones * hours)


def _edge(plan: Plan, usage: dict) -> Iterable[Line]:
    requests = usage["cdn_million_requests"]
    yield Line("Edge", f"{usage['cdn_gb']} GB", "cloudfront.gb", usage["cdn_gb"])
    yield Line("Edge", f"{requests} million requests", "cloudfront.million_requests", requests)
    yield Line("Edge", "names", "route53.zone", len(plan.of("aws_route53_zone")))
    yield Line("Edge", "health seen from outside", "route53.health_check", len(plan.of("aws_route53_health_check")))
    for firewall in plan.values("aws_wafv2_web_acl"):
        yield Line("Firewall", "one", "waf.acl", 1)
        yield Line("Firewall", f"{len(firewall['rule'])} rules", "waf.rule", len(firewall["rule"]))
        yield Line("Firewall", f"{requests} million requests", "waf.million_requests", requests)
        if any(rule["name"].endswith("BotControlRuleSet") for rule in firewall["rule"]):
            yield Line("Firewall", "bot rules", "waf.bot_control", 1)
            yield Line("Firewall", "requests seen by bot rules", "waf.million_requests_bot_control", requests)


def _files_and_secrets(plan: Plan, usage: dict) -> Iterable[Line]:
    yield Line("Files", f"{usage['files_gb']} GB", "s3.standard_gb_month", usage["files_gb"])
    secrets = len(plan.of("aws_secretsmanager_secret"))
    yield Line("Secrets", f"{secrets} of the shop", "secrets.secret", secrets)


def _watching(plan: Plan, usage: dict) -> Iterable[Line]:
    alarms = plan.values("aws_cloudwatch_metric_alarm")
    metrics = sum(len([one for one in alarm["metric_query"] if one["metric"]]) or 1 for alarm in alarms)
    yield Line("Watching", f"{len(alarms)} alarms", "cloudwatch.alarm_metric", metrics)
    own = len(plan.of("aws_cloudwatch_log_metric_filter"))
    yield Line("Watching", f"{own} metrics from logs", "cloudwatch.metric", own)
    yield Line("Watching", "dashboard", "cloudwatch.dashboard", len(plan.of("aws_cloudwatch_dashboard")))
    yield Line("Watching", f"{usage['logs_gb']} GB of logs in", "cloudwatch.logs_gb", usage["logs_gb"])
    yield Line("Watching", "logs kept", "cloudwatch.logs_gb_month", usage["logs_gb"])

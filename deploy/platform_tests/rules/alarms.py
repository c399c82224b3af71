"""Alarms that watch something there is, and tell somebody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from local import ROOT

from rules.world import Resource, Rule, World, listed

# Metrics that AWS publishes, by namespace: of a balancer and its targets, an RDS instance of MySQL, a health check, the
# reputation of a sender, a standard queue. A namespace of the shop's own is held by webmarket/tests.
METRICS = {
    "AWS/ApplicationELB": {
        *("ActiveConnectionCount", "ClientTLSNegotiationErrorCount", "ConsumedLCUs", "HTTPCode_ELB_3XX_Count"),
        *("HTTPCode_ELB_4XX_Count", "HTTPCode_ELB_500_Count", "HTTPCode_ELB_502_Count", "HTTPCode_ELB_503_Count"),
        *("HTTPCode_ELB_504_Count", "HTTPCode_ELB_5XX_Count", "HTTPCode_Target_2XX_Count", "HTTPCode_Target_3XX_Count"),
        *("HTTPCode_Target_4XX_Count", "HTTPCode_Target_5XX_Count", "HealthyHostCount", "NewConnectionCount"),
        *("ProcessedBytes", "RejectedConnectionCount", "RequestCount", "RequestCountPerTarget"),
        *("TargetConnectionErrorCount", "TargetResponseTime", "TargetTLSNegotiationErrorCount", "UnHealthyHostCount"),
    },
    "AWS/RDS": {
        *("BurstBalance", "CPUCreditBalance", "CPUCreditUsage", "CPUUtilization", "DatabaseConnections"),
        *("DiskQueueDepth", "EBSByteBalance%", "EBSIOBalance%", "FreeStorageSpace", "FreeableMemory"),
        *("NetworkReceiveThroughput", "NetworkTransmitThroughput", "ReadIOPS", "ReadLatency", "ReadThroughput"),
        *("ReplicaLag", "SwapUsage", "WriteIOPS", "WriteLatency", "WriteThroughput"),
    },
    "AWS/Route53": {"ConnectionTime", "HealthCheckPercentageHealthy", "HealthCheckStatus", "SSLHandshakeTime"},
    "AWS/SES": {
        "Bounce",
        "Complaint",
        "Delivery",
        "Reject",
        "Reputation.BounceRate",
        "Reputation.ComplaintRate",
        "Send",
    },
    "AWS/SQS": {
        *("ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesDelayed"),
        *("ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesVisible", "NumberOfEmptyReceives"),
        *("NumberOfMessagesDeleted", "NumberOfMessagesReceived", "NumberOfMessagesSent", "SentMessageSize"),
    },
}
OURS = "WebMarket/"
# GiB of a class of the families t and m, by its size; those of r have twice as much.
MEMORY = {"micro": 1, "small": 2, "medium": 4, "large": 8, "xlarge": 16, "2xlarge": 32, "4xlarge": 64}
# RDS's default: max_connections is the memory by this.
BYTES_OF_A_CONNECTION = 12582880


def alarms_notify_somebody(world: World) -> Iterator[str]:
    subscriptions = [one for one in world.of("aws_sns_topic_subscription") if _mail(one)]
    subscribed = {topic for one in subscriptions for topic in world.origins(one, "topic_arn")}
    for alarm in {one.block: one for one in world.of("aws_cloudwatch_metric_alarm")}.values():
        topics = world.origins(alarm, "alarm_actions")
        if not topics & subscribed:
            yield f"{alarm.short} tells nobody: none of its topics has an address"
        if alarm["actions_enabled"] is False:
            yield f"{alarm.short} has its actions switched off"


def _mail(subscription: Resource) -> bool:
    return subscription["protocol"] == "email" and bool(subscription["endpoint"])


def alarms_watch_what_there_is(world: World) -> Iterator[str]:
    for alarm in world.of("aws_cloudwatch_metric_alarm"):
        for namespace, metric in _watched(alarm):
            if namespace.startswith(OURS):
                continue
            if metric not in METRICS.get(namespace, set()):
                yield f"{alarm.short} watches {metric} of {namespace}, which never has data"


def alarms_can_go_off(world: World) -> Iterator[str]:
    """MySQL refuses connections above its most, so that an alarm above that is never raised."""
    classes = {one["identifier"]: one["instance_class"] for one in world.of("aws_db_instance")}
    for alarm in world.of("aws_cloudwatch_metric_alarm"):
        watched = (alarm["dimensions"] or {}).get("DBInstanceIdentifier")
        if alarm["metric_name"] == "DatabaseConnections" and watched in classes:
            most = most_connections(classes[watched])
            if alarm["threshold"] >= most:
                yield f"{alarm.short} waits for {alarm['threshold']} connections, and {classes[watched]} takes {most}"


def most_connections(instance_class: str) -> int:
    _, family, size = instance_class.split(".")
    return MEMORY[size] * (2 if family.startswith("r") else 1) * 1024**3 // BYTES_OF_A_CONNECTION


def failures_are_seen_wherever_they_are_answered(world: World) -> Iterator[str]:
    """The balancer's own 502, 503 and 504 are in no number of its targets."""
    for alarm in world.of("aws_cloudwatch_metric_alarm"):
        metrics = {metric for _, metric in _watched(alarm)}
        if "HTTPCode_Target_5XX_Count" in metrics and "HTTPCode_ELB_5XX_Count" not in metrics:
            yield f"{alarm.short} does not see what the balancer answers itself"
        for query in listed(alarm["metric_query"]):
            least = re.search(r"IF\(all > (\d+)", query.get("expression") or "")
            if least and "HTTPCode_Target_5XX_Count" in metrics:
                yield f"{alarm.short} is silent below {least[1]} requests a minute: most of a small shop's day"


def _watched(alarm: Resource) -> Iterator[tuple[str, str]]:
    if alarm["metric_name"]:
        yield alarm["namespace"] or "", alarm["metric_name"]
    for query in listed(alarm["metric_query"]):
        for metric in listed(query.get("metric")):
            yield metric["namespace"], metric["metric_name"]


RUNBOOKS = "docs/runbooks/"
PAGE = re.compile(rf"{RUNBOOKS}[a-z-]+\.md$")
HEADINGS = ("## What is seen", "## What to do")
# Pages of what no alarm says.
OTHERS = {"recovery.md"}


def alarms_have_their_page(world: World) -> Iterator[str]:
    """The e-mail of an alarm is its description: it names the page, which says what is seen and what to do."""
    pages = {file.name for file in (ROOT / RUNBOOKS).glob("*.md")} - OTHERS
    alarms = world.of("aws_cloudwatch_metric_alarm")
    for alarm in alarms:
        named = PAGE.search(alarm["alarm_description"] or "")
        if not named:
            yield f"{alarm.short}: its description names no page of {RUNBOOKS}"
        elif not (ROOT / named[0]).is_file():
            yield f"{alarm.short}: there is no {named[0]}"
        else:
            pages.discard(named[0].removeprefix(RUNBOOKS))
            metrics = {metric for _namespace, metric in _watched(alarm)}
            yield from (f"{named[0]} {wrong}" for wrong in wrong_in_page((ROOT / named[0]).read_text(), metrics))
    if alarms:
        yield from (f"{RUNBOOKS}{page} is the page of no alarm" for page in sorted(pages))


def wrong_in_page(text: str, metrics: set[str]) -> Iterator[str]:
    for metric in sorted(metrics):
        if f"`{metric}`" not in text:
            yield f"does not name the metric {metric}"
    for heading in HEADINGS:
        if f"{heading}\n" not in text:
            yield f"has no section « {heading[3:]} »"
    commands = "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    if not commands.strip():
        yield "names no command"
    for program in sorted(set(re.findall(r"\bdeploy/[a-z_]+/[a-z_]+", text))):
        if not (ROOT / program).is_file():
            yield f"names {program}, which is not there"
    for command in sorted(set(re.findall(r"^deploy/bin/manage .*?-- ([a-z_]+)", commands, re.MULTILINE))):
        if not list(ROOT.glob(f"apps/*/management/commands/{command}.py")):
            yield f"names the command {command}, which manage.py does not have"
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        if not (ROOT / RUNBOOKS / link).is_file():
            yield f"links to {link}, which is not there"


RULES = (
    Rule(
        "alarms tell somebody",
        "An alarm without an action, or with a topic that nobody has subscribed to, changes its colour and no more.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html",
        alarms_notify_somebody,
    ),
    Rule(
        "alarms watch what there is",
        "CloudWatch takes an alarm on any metric; one that nobody publishes stays without data for good.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html",
        alarms_watch_what_there_is,
    ),
    Rule(
        "alarms can go off",
        "MySQL refuses connections above max_connections, which RDS makes of the class's memory.",
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections",
        alarms_can_go_off,
    ),
    Rule(
        "failures are seen wherever they are answered",
        "The balancer counts its own 5xx apart from its targets', and three failures in a minute matter at night too.",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html",
        failures_are_seen_wherever_they_are_answered,
    ),
    Rule(
        "alarms have their page",
        "The e-mail of an alarm says its description: whoever is woken by it needs to know what to do.",
        "https://docs.aws.amazon.com/wellarchitected/latest/operational-excellence-pillar/ops_ready_to_support_use_runbooks.html",
        alarms_have_their_page,
    ),
)

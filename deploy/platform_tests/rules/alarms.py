"""Alarms that watch something there is, and tell somebody."""

from __future__ import annotations

from collections.abc import Iterator

from rules.world import Resource, Rule, World, listed

# Metrics of AWS that alarms here may watch, by namespace; a namespace of the shop's own is held by webmarket/tests.
METRICS = {
    "AWS/ApplicationELB": {
        "HTTPCode_ELB_4XX_Count",
        "HTTPCode_ELB_5XX_Count",
        "HTTPCode_Target_4XX_Count",
        "HTTPCode_Target_5XX_Count",
        "HealthyHostCount",
        "RejectedConnectionCount",
        "RequestCount",
        "TargetResponseTime",
        "UnHealthyHostCount",
    },
    "AWS/RDS": {"CPUUtilization", "DatabaseConnections", "FreeStorageSpace"},
    "AWS/Route53": {"HealthCheckStatus"},
    "AWS/SQS": {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"},
}
OURS = "WebMarket/"


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


def _watched(alarm: Resource) -> Iterator[tuple[str, str]]:
    if alarm["metric_name"]:
        yield alarm["namespace"] or "", alarm["metric_name"]
    for query in listed(alarm["metric_query"]):
        for metric in listed(query.get("metric")):
            yield metric["namespace"], metric["metric_name"]


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
)

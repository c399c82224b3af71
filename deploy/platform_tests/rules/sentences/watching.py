"""Alarms, logs, budget and traces: a table of alarms, so that no threshold moves unseen."""

from __future__ import annotations

from dataclasses import dataclass

from rules.sentences.sentence import By, Is, Sentence, from_, has

CLOUDWATCH = "AmazonCloudWatch/latest/monitoring/"
ALARM = "aws_cloudwatch_metric_alarm"
BALANCER, RDS, SQS, SES, SHOP = "AWS/ApplicationELB", "AWS/RDS", "AWS/SQS", "AWS/SES", "WebMarket/{environment}"
ABOVE, BELOW = "GreaterThanThreshold", "LessThanThreshold"
QUIET, LOUD, SAME = "notBreaching", "breaching", "missing"
GIGABYTE = 1024**3
DAYS = By(demo=7, staging=7, production=30)


@dataclass(frozen=True)
class Alarm:
    """`seconds` and how many such periods in a row; what no data mean."""

    name: str
    namespace: str
    metric: str
    statistic: str
    comparison: str
    threshold: object
    seconds: int
    periods: int
    without_data: str


ALARMS = (
    Alarm("latency", BALANCER, "TargetResponseTime", "p99", ABOVE, 1, 60, 5, QUIET),
    Alarm("unhealthy-hosts", BALANCER, "UnHealthyHostCount", "Maximum", ABOVE, 0, 60, 5, QUIET),
    Alarm("no-healthy-host", BALANCER, "HealthyHostCount", "Minimum", BELOW, 1, 60, 2, LOUD),
    Alarm("throttles", BALANCER, "RejectedConnectionCount", "Sum", ABOVE, 0, 60, 3, QUIET),
    Alarm("database-cpu", RDS, "CPUUtilization", "Average", ABOVE, 80, 60, 10, SAME),
    Alarm("database-storage", RDS, "FreeStorageSpace", "Minimum", BELOW, 5 * GIGABYTE, 300, 2, SAME),
    Alarm(
        *("database-connections", RDS, "DatabaseConnections", "Maximum", ABOVE),
        *(By(demo=68, staging=136, production=200), 60, 5, SAME),
    ),
    Alarm("no-heartbeat", SHOP, "BeatHeartbeat", "Sum", BELOW, 1, 300, 2, LOUD),
    Alarm("backup-not-green", SHOP, "BackupVerified", "Sum", BELOW, 1, 86400, 1, LOUD),
    Alarm("figures-silent", SHOP, "OrdersPlaced", "SampleCount", BELOW, 1, 3600, 3, LOUD),
    Alarm("jobs-failed", SHOP, "FailedJobs", "Maximum", ABOVE, 0, 3600, 1, QUIET),
    Alarm("jobs-wait", SHOP, "OldestTaskSeconds", "Maximum", ABOVE, 3600, 3600, 1, QUIET),
    Alarm("emails-wait", SHOP, "OldestOwedEmailSeconds", "Maximum", ABOVE, 3600, 3600, 1, QUIET),
    Alarm("emails-in-doubt", SHOP, "EmailsInDoubt", "Maximum", ABOVE, 0, 3600, 1, QUIET),
    Alarm("emails-bounce", SES, "Reputation.BounceRate", "Maximum", ABOVE, 0.03, 3600, 1, QUIET),
    Alarm("emails-complained-of", SES, "Reputation.ComplaintRate", "Maximum", ABOVE, 0.0005, 3600, 1, QUIET),
    *(
        Alarm(
            f"queue-age-{queue}",
            *(SQS, "ApproximateAgeOfOldestMessage", "Maximum", ABOVE),
            *(By(demo=600, staging=120, production=600), 60, 5, QUIET),
        )
        for queue in ("default", "operations")
    ),
    *(
        Alarm(f"dead-letters-{queue}", SQS, "ApproximateNumberOfMessagesVisible", "Maximum", ABOVE, 0, 300, 1, QUIET)
        for queue in ("default", "operations")
    ),
)
FAILED = "FILL(bad, 0) + FILL(own, 0)"


@dataclass(frozen=True)
class Rate:
    """A share of all answers; `metrics` by the ids that its expression gives them."""

    name: str
    percent: int
    metrics: dict[str, str]
    expression: str
    minutes: int


RATES = (
    Rate(
        "server-errors",
        1,
        {"all": "RequestCount", "bad": "HTTPCode_Target_5XX_Count", "own": "HTTPCode_ELB_5XX_Count"},
        f"IF({FAILED} > 2, 100 * ({FAILED}) / (FILL(all, 0) + FILL(own, 0)), 0)",
        5,
    ),
    Rate(
        "client-errors",
        10,
        {"all": "RequestCount", "bad": "HTTPCode_Target_4XX_Count"},
        "IF(all > 20, 100 * bad / all, 0)",
        3,
    ),
)


def _looks_at(one: Alarm) -> dict[str, str]:
    """By which name the metric is found, where a plan knows it."""
    if one.namespace == RDS:
        return {"dimensions.DBInstanceIdentifier": "{name}"}
    if one.namespace == SQS:
        dead = "-dead" if one.name.startswith("dead-letters") else ""
        return {"dimensions.QueueName": "{name}-" + one.name.rpartition("-")[2] + dead}
    return {}


def _alarm(one: Alarm) -> Sentence:
    percentile = one.statistic.startswith("p")
    return Sentence(
        f"the alarm {one.name}",
        CLOUDWATCH + "AlarmThatSendsEmail.html",
        ALARM,
        {
            "alarm_name": "{name}-" + one.name,
            "namespace": one.namespace,
            "metric_name": one.metric,
            "extended_statistic" if percentile else "statistic": one.statistic,
            "comparison_operator": one.comparison,
            "threshold": one.threshold,
            "period": one.seconds,
            "evaluation_periods": one.periods,
            "treat_missing_data": one.without_data,
            "alarm_actions": from_("aws_sns_topic.alarms"),
            "ok_actions": from_("aws_sns_topic.alarms"),
            **_looks_at(one),
            "alarm_description": Is("a sentence", lambda value: bool(value) and len(value) > 10),
        },
        rf'aws_cloudwatch_metric_alarm\.this\["{one.name}"',
        1,
    )


def _rate(one: Rate) -> Sentence:
    return Sentence(
        f"the alarm {one.name}: a share of answers, once there are some",
        CLOUDWATCH + "using-metric-math.html",
        ALARM,
        {
            "alarm_name": "{name}-" + one.name,
            "comparison_operator": ABOVE,
            "threshold": one.percent,
            "evaluation_periods": one.minutes,
            "datapoints_to_alarm": 3,
            "treat_missing_data": QUIET,
            "alarm_actions": from_("aws_sns_topic.alarms"),
            "ok_actions": from_("aws_sns_topic.alarms"),
            "metric_query": has(
                f"'expression': '{one.expression}'",
                *(f"'id': '{key}'" for key in one.metrics),
            ),
            "metric_query.id": {"rate", *one.metrics},
            "metric_query.return_data": Is("of the share alone", lambda value: value in (True, False, None)),
            "metric_query.metric.namespace": BALANCER,
            "metric_query.metric.metric_name": set(one.metrics.values()),
            "metric_query.metric.stat": "Sum",
            "metric_query.metric.period": 60,
        },
        rf'aws_cloudwatch_metric_alarm\.rate\["{one.name}"',
        1,
    )


SENTENCES = (
    *(_alarm(one) for one in ALARMS),
    *(_rate(one) for one in RATES),
    Sentence(
        "the alarm outside: the shop does not answer the world",
        "Route53/latest/DeveloperGuide/monitoring-health-checks.html",
        ALARM,
        {
            "namespace": "AWS/Route53",
            "metric_name": "HealthCheckStatus",
            "statistic": "Minimum",
            "comparison_operator": BELOW,
            "threshold": 1,
            "period": 60,
            "evaluation_periods": 2,
            "treat_missing_data": LOUD,
            "alarm_actions": from_("aws_sns_topic.outside"),
            "ok_actions": from_("aws_sns_topic.outside"),
            "dimensions": from_("aws_route53_health_check.shop"),
        },
        r"aws_cloudwatch_metric_alarm\.outside$",
        1,
    ),
    Sentence(
        "somebody hears of alarms, in both regions",
        "sns/latest/dg/sns-email-notifications.html",
        "aws_sns_topic_subscription",
        {"protocol": "email", "endpoint": "operations@webmarket.example"},
        count=2,
    ),
    *(
        Sentence(
            f"logs of {where} end when they should",
            "AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
            "aws_cloudwatch_log_group",
            {"retention_in_days": DAYS},
            pattern,
            count,
        )
        for where, pattern, count in (
            ("the shop", r"module\.monitoring\.", 4),
            ("the network", r"module\.network\.", 1),
            ("the firewall", r"module\.edge\.", 1),
        )
    ),
    *(
        Sentence(
            f"{metric} are counted from the log of {group}",
            "AmazonCloudWatch/latest/logs/MonitoringLogData.html",
            "aws_cloudwatch_log_metric_filter",
            {
                "pattern": pattern,
                "log_group_name": f"/webmarket/{{name}}/{group}",
                "metric_transformation.name": metric,
                "metric_transformation.namespace": SHOP,
                "metric_transformation.value": "1",
                "metric_transformation.default_value": "0",
            },
            rf'aws_cloudwatch_log_metric_filter\.this\["{key}"',
            1,
        )
        for key, metric, group, pattern in (
            ("orders-paid-web", "OrdersPaid", "web", '{ $.event = "order_paid" }'),
            ("orders-paid-workers", "OrdersPaid", "workers", '{ $.event = "order_paid" }'),
            ("errors-web", "Errors", "web", '{ $.level = "error" }'),
            ("errors-workers", "TaskErrors", "workers", '{ $.level = "error" }'),
        )
    ),
    Sentence(
        "the dashboard has its graphs",
        CLOUDWATCH + "CloudWatch_Dashboards.html",
        "aws_cloudwatch_dashboard",
        {"dashboard_name": "{name}"},
        count=1,
    ),
    # --- Money -------------------------------------------------------------------------------------------------------
    Sentence(
        "the month's budget, by the environment's tag",
        "cost-management/latest/userguide/budgets-create.html",
        "aws_budgets_budget",
        {
            "budget_type": "COST",
            "limit_amount": By(demo="150", staging="300", production="1000"),
            "limit_unit": "USD",
            "time_unit": "MONTHLY",
            "cost_filter.name": "TagKeyValue",
            "cost_filter.values": By(
                demo=("user:Environment$demo",),
                staging=("user:Environment$staging",),
                production=("user:Environment$production",),
            ),
            "notification.threshold": {50, 80, 100},
            "notification.threshold_type": "PERCENTAGE",
            "notification.comparison_operator": "GREATER_THAN",
            "notification.notification_type": {"ACTUAL", "FORECASTED"},
            "notification": Is(
                "with a forecast of the whole",
                lambda value: (100, "FORECASTED") in {(one["threshold"], one["notification_type"]) for one in value},
            ),
        },
        count=1,
    ),
    Sentence(
        "unusual spending is told each day",
        "cost-management/latest/userguide/getting-started-ad.html",
        "aws_ce_anomaly_subscription",
        {
            "frequency": "DAILY",
            "subscriber.type": "EMAIL",
            "subscriber.address": "operations@webmarket.example",
            "threshold_expression.dimension.key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
            "threshold_expression.dimension.match_options": ("GREATER_THAN_OR_EQUAL",),
            "threshold_expression.dimension.values": ("10",),
            "monitor_arn_list": from_("aws_ce_anomaly_monitor.this"),
        },
        count=1,
    ),
    Sentence(
        "spending is looked at by environment",
        "cost-management/latest/userguide/getting-started-ad.html",
        "aws_ce_anomaly_monitor",
        {"monitor_type": "CUSTOM", "monitor_specification": has('"Key":"Environment"', '"Values":["')},
        count=1,
    ),
    Sentence(
        "production activates the tags by which the account counts",
        "awsaccountbilling/latest/aboutv2/activating-tags.html",
        "aws_ce_cost_allocation_tag",
        {"status": "Active"},
        count=By(demo=0, staging=0, production=5),
    ),
    # --- Traces ------------------------------------------------------------------------------------------------------
    Sentence(
        "one request in twenty is traced, where traces are asked for",
        "xray/latest/devguide/xray-console-sampling.html",
        "aws_xray_sampling_rule",
        {
            "fixed_rate": 0.05,
            "reservoir_size": 1,
            "priority": 1000,
            "service_name": "{name}",
            **dict.fromkeys(("service_type", "host", "http_method", "url_path", "resource_arn"), "*"),
        },
        count=By(demo=0, staging=0, production=1),
    ),
    Sentence(
        "slow and failed requests stand together",
        "xray/latest/devguide/xray-console-groups.html",
        "aws_xray_group",
        {"filter_expression": 'service("{name}") AND (fault = true OR responsetime > 1)'},
        count=By(demo=0, staging=0, production=1),
    ),
)

"""Alarms that tell somebody of something."""

from rules import alarms

from .planned import problems_of, world

SUBSCRIBED = {
    "aws_cloudwatch_metric_alarm.this": {"alarm_actions": "aws_sns_topic.alarms.arn"},
    "aws_sns_topic_subscription.email": {"topic_arn": "aws_sns_topic.alarms.arn"},
}


def test_alarms_notify_somebody():
    alarm = ("aws_cloudwatch_metric_alarm.this", {})
    people = ("aws_sns_topic_subscription.email", {"protocol": "email", "endpoint": "somebody@shop.example"})
    assert problems_of(alarms.alarms_notify_somebody, world(alarm, people, references=SUBSCRIBED)) == []
    assert len(problems_of(alarms.alarms_notify_somebody, world(alarm, people))) == 1
    assert len(problems_of(alarms.alarms_notify_somebody, world(alarm, references=SUBSCRIBED))) == 1
    off = ("aws_cloudwatch_metric_alarm.this", {"actions_enabled": False})
    assert len(problems_of(alarms.alarms_notify_somebody, world(off, people, references=SUBSCRIBED))) == 1


def test_alarms_watch_what_there_is():
    def watching(namespace: str, metric: str):
        alone = ("aws_cloudwatch_metric_alarm.a", {"namespace": namespace, "metric_name": metric})
        query = {"metric_query": [{"metric": [{"namespace": namespace, "metric_name": metric}]}, {"metric": []}]}
        return world(alone, ("aws_cloudwatch_metric_alarm.b", query))

    check = alarms.alarms_watch_what_there_is
    assert problems_of(check, watching("AWS/ApplicationELB", "TargetResponseTime")) == []
    assert problems_of(check, watching("WebMarket/demo", "BeatHeartbeat")) == []
    assert len(problems_of(check, watching("AWS/ELB", "TargetResponseTime"))) == 2


def test_an_alarm_on_connections_goes_off_before_mysql_refuses_one():
    def waiting(threshold: int, instance_class: str):
        alarm = {
            "metric_name": "DatabaseConnections",
            "dimensions": {"DBInstanceIdentifier": "shop"},
            "threshold": threshold,
        }
        database = {"identifier": "shop", "instance_class": instance_class}
        return world(("aws_cloudwatch_metric_alarm.a", alarm), ("aws_db_instance.this", database))

    check = alarms.alarms_can_go_off
    assert problems_of(check, waiting(68, "db.t4g.micro")) == []
    assert "db.t4g.micro takes 85" in problems_of(check, waiting(200, "db.t4g.micro"))[0]
    assert "db.t4g.small takes 170" in problems_of(check, waiting(200, "db.t4g.small"))[0]
    assert problems_of(check, waiting(200, "db.m7g.large")) == []
    assert (alarms.most_connections("db.m7g.large"), alarms.most_connections("db.r7g.large")) == (682, 1365)


def test_failures_are_seen_wherever_they_are_answered():
    def rate(expression: str, *metrics: str):
        queries = [{"expression": expression}]
        queries += [{"metric": [{"namespace": "AWS/ApplicationELB", "metric_name": name}]} for name in metrics]
        return world(("aws_cloudwatch_metric_alarm.a", {"metric_query": queries}))

    check = alarms.failures_are_seen_wherever_they_are_answered
    target, own = "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"
    assert problems_of(check, rate("IF(bad + own > 2, 100, 0)", target, own)) == []
    assert "the balancer answers itself" in problems_of(check, rate("IF(bad > 2, 100, 0)", target))[0]
    assert "silent below 20 requests" in problems_of(check, rate("IF(all > 20, 100 * bad / all, 0)", target, own))[0]
    # Robots that ask for what is not there are no failure.
    assert problems_of(check, rate("IF(all > 20, 100 * bad / all, 0)", "HTTPCode_Target_4XX_Count")) == []


PAGE = """# Slow

Alarm · metric `TargetResponseTime` of AWS/ApplicationELB

## What is seen

## What to do

[Another](outside.md)

```sh
deploy/bin/doctor --environment production
deploy/bin/manage --environment production -- cleanup --dry-run
```
"""


def test_the_page_of_an_alarm_says_what_to_do():
    metrics = {"TargetResponseTime"}

    def wrong(text: str) -> list[str]:
        return problems_of(alarms.wrong_in_page, text, metrics)

    assert wrong(PAGE) == []
    headings = ("What is seen", "What to do")
    for planted in (*headings, "`TargetResponseTime`", "doctor", "cleanup", "outside", "```sh"):
        assert wrong(PAGE.replace(planted, "other")), planted


def test_each_alarm_names_its_page():
    def described(text: str):
        given = {"alarm_description": text, "namespace": "AWS/Route53", "metric_name": "HealthCheckStatus"}
        return problems_of(alarms.alarms_have_their_page, world(("aws_cloudwatch_metric_alarm.a", given)))

    others = [problem for problem in described("Away. docs/runbooks/outside.md") if "of no alarm" not in problem]
    assert others == []
    assert "names no page" in described("Away")[0]
    assert "there is no docs/runbooks/nowhere.md" in described("Away. docs/runbooks/nowhere.md")[0]
    assert "docs/runbooks/latency.md is the page of no alarm" in described("Away. docs/runbooks/outside.md")

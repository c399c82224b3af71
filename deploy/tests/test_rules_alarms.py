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

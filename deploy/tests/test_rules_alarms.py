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

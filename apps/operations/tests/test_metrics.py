import json
from io import StringIO

import pytest
from django.core.management import call_command

from apps.operations.models import OperationRun
from apps.operations.services.metrics import put
from apps.operations.tasks import heartbeat

GROUP = "/webmarket/webmarket-test/workers"


@pytest.fixture
def log_group(aws, settings):
    settings.OPERATIONS = {**settings.OPERATIONS, "metrics_log_group": GROUP, "environment": "test"}
    logs = aws("logs")
    logs.create_log_group(logGroupName=GROUP)

    def events():
        streams = logs.describe_log_streams(logGroupName=GROUP)["logStreams"]
        return [
            json.loads(event["message"])
            for stream in streams
            for event in logs.get_log_events(logGroupName=GROUP, logStreamName=stream["logStreamName"])["events"]
        ]

    return events


def test_the_heartbeat_is_the_metric_that_the_alarm_listens_for(log_group):
    heartbeat()
    heartbeat()
    first, second = log_group()
    assert first["BeatHeartbeat"] == second["BeatHeartbeat"] == 1
    (directive,) = first["_aws"]["CloudWatchMetrics"]
    assert directive == {
        "Namespace": "WebMarket/test",
        "Dimensions": [[]],
        "Metrics": [{"Name": "BeatHeartbeat", "Unit": "Count"}],
    }


@pytest.mark.django_db
def test_the_command_sends_every_number_at_once(log_group):
    call_command("publish_metrics", stdout=StringIO())
    (event,) = log_group()
    assert {"OrdersPlaced", "ActiveBaskets", "StockOuts", "FailedJobs", "OldestTaskSeconds"} <= event.keys()
    assert OperationRun.objects.get().state == OperationRun.State.SUCCEEDED


@pytest.mark.django_db
def test_a_dry_run_sends_nothing(log_group):
    call_command("publish_metrics", "--dry-run", stdout=StringIO())
    assert log_group() == []


@pytest.mark.django_db
def test_a_missing_log_group_is_named(aws, settings):
    settings.OPERATIONS = {**settings.OPERATIONS, "metrics_log_group": "/not/there"}
    errors = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("publish_metrics", stdout=StringIO(), stderr=errors)
    assert ended.value.code == 1
    assert "AWS ne trouve pas" in errors.getvalue()


def test_without_aws_metrics_are_a_line_of_the_log():
    put(BeatHeartbeat=1)

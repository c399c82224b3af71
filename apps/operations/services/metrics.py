"""Business metrics for alarms and graphs: CloudWatch's embedded metric format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import socket
import time
from datetime import datetime, timedelta
from typing import Any

import structlog
from botocore.exceptions import ClientError
from django.conf import settings
from django.db.models import F, Min, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.basket.models import Basket
from apps.catalogue.models import Stock
from apps.common.models import OutboxEmail
from apps.common.outbox import in_doubt
from apps.operations.aws.clients import client
from apps.operations.models import DueJob
from apps.operations.runs.definition import Operation, Outcome, register
from apps.operations.runs.report import Reporter
from apps.orders.models import Order

logger = structlog.get_logger(__name__)
HOUR = timedelta(hours=1)
UNITS = {"RevenueEuros": "None", "OldestTaskSeconds": "Seconds", "OldestOwedEmailSeconds": "Seconds"}


def publish_metrics(*, dry_run: bool, report: Reporter, now: datetime) -> Outcome:
    """Metrics of the last hour; a dry run only prints them."""
    values = measure(now=now)
    for name, value in values.items():
        report.say(f"{name:<24}{value}")
    if not dry_run:
        put(**values)
    return Outcome(_("%(count)d mesures.") % {"count": len(values)}, {"metrics": values})


def measure(*, now: datetime) -> dict[str, float]:
    recent = Order.objects.filter(placed_at__gte=now - HOUR, placed_at__lt=now)
    sold = recent.sold().aggregate(sum=Sum("total"))["sum"]
    waiting = DueJob.objects.filter(sent_at__isnull=False, started_at=None, error="")
    pending = OutboxEmail.objects.filter(status=OutboxEmail.Status.PENDING)
    return {
        "OrdersPlaced": recent.count(),
        "OrdersAwaitingPayment": Order.objects.awaiting_payment().count(),
        "OrdersToPrepare": Order.objects.to_prepare().count(),
        "RevenueEuros": float(sold or 0),
        "ActiveBaskets": Basket.objects.open().filter(updated_at__gte=now - HOUR).count(),
        "StockOuts": Stock.objects.filter(variant__is_active=True, reserved__gte=F("on_hand")).count(),
        "FailedJobs": DueJob.objects.filter(finished_at__gte=now - HOUR).exclude(error="").count(),
        "OldestTaskSeconds": _age(waiting, "sent_at", now),
        "OldestOwedEmailSeconds": _age(pending, "created_at", now),
        "EmailsInDoubt": in_doubt(now=now).count(),
    }


def _age(rows: Any, field: str, now: datetime) -> float:
    oldest = rows.aggregate(oldest=Min(field))["oldest"]
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0


def put(**values: float) -> None:
    """Write metrics where CloudWatch reads them; without a log group they are a line of the log."""
    event = embedded(values, at=time.time())
    group = settings.OPERATIONS["metrics_log_group"]
    if not group:
        logger.info("metrics", **values)
        return
    logs = client("logs")
    entry = {
        "logGroupName": group,
        "logStreamName": f"metrics-{socket.gethostname()}",
        "logEvents": [{"timestamp": event["_aws"]["Timestamp"], "message": json.dumps(event)}],
    }
    try:
        logs.put_log_events(**entry)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        # The first metric of this host; without the log group this raises.
        logs.create_log_stream(logGroupName=group, logStreamName=entry["logStreamName"])
        logs.put_log_events(**entry)


def embedded(values: dict[str, float], *, at: float) -> dict[str, Any]:
    """Alarms ask for these metrics without dimensions."""
    return {
        "_aws": {
            "Timestamp": int(at * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": f"WebMarket/{settings.OPERATIONS['environment']}",
                    "Dimensions": [[]],
                    "Metrics": [{"Name": name, "Unit": UNITS.get(name, "Count")} for name in values],
                }
            ],
        },
        **values,
    }


register(
    Operation(
        name="publish_metrics",
        title=gettext_lazy("Mesures"),
        about=gettext_lazy(
            "Commandes, paniers, files d’attente, ruptures : les chiffres de la dernière heure, pour les alarmes."
        ),
        run=publish_metrics,
        time_limit=timedelta(minutes=5),
    )
)

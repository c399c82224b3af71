"""Every event and metric that monitoring uses is emitted, and every metric of the shop is used."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from apps.operations.services.metrics import measure

ROOT = settings.BASE_DIR
TERRAFORM = "\n".join(path.read_text() for path in sorted((ROOT / "terraform").rglob("*.tf")))
METHODS = {"debug", "info", "warning", "error", "exception", "critical"}


def modules() -> Iterator[Path]:
    for folder in ("apps", "webmarket"):
        yield from (path for path in (ROOT / folder).rglob("*.py") if "tests" not in path.parts)


@cache
def calls() -> list[ast.Call]:
    trees = (ast.parse(path.read_text()) for path in modules())
    return [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]


def emitted_events() -> set[str]:
    """Names in logger.info("…") and in partial(logger.info, "…")."""
    found = set()
    for call in calls():
        function, arguments = ast.unparse(call.func), list(call.args)
        if function == "partial" and arguments:
            function, arguments = ast.unparse(arguments[0]), arguments[1:]
        logger, _, method = function.rpartition(".")
        if logger == "logger" and method in METHODS and arguments:
            found |= {node.value for node in ast.walk(arguments[0]) if isinstance(node, ast.Constant)}
    return found


def put_metrics() -> set[str]:
    """Names in metrics.put(Name=…)."""
    return {
        keyword.arg
        for call in calls()
        if ast.unparse(call.func) == "metrics.put"
        for keyword in call.keywords
        if keyword.arg
    }


def counted_in_logs() -> set[str]:
    return set(re.findall(r'metric = "(\w+)", group = ', TERRAFORM))


def looked_at() -> set[str]:
    """Metrics of the shop's namespace that an alarm or a graph uses."""
    alarms = re.findall(r'namespace\s+= local\.shop\n\s+metric_name\s+= "(\w+)"', TERRAFORM)
    graphs = re.findall(r'\[local\.shop, "(\w+)"\]', TERRAFORM)
    lists = re.findall(r"for name in \[([^\]]+)\] : \[local\.shop, name\]", TERRAFORM)
    return {*alarms, *graphs, *(name for names in lists for name in re.findall(r'"(\w+)"', names))}


def test_every_event_that_terraform_counts_is_logged():
    counted = set(re.findall(r'\$\.event = \\"(\w+)\\"', TERRAFORM))
    assert counted
    assert counted - emitted_events() == set()


@pytest.mark.django_db
def test_every_metric_that_is_looked_at_is_emitted():
    published = set(measure(now=timezone.now())) | put_metrics() | counted_in_logs()
    assert {"BeatHeartbeat", "BackupVerified", "OrdersPaid", "EmailsInDoubt"} <= looked_at()
    assert looked_at() - published == set()


@pytest.mark.django_db
def test_every_metric_that_is_emitted_is_looked_at():
    published = set(measure(now=timezone.now())) | put_metrics() | counted_in_logs()
    assert published - looked_at() == set()

"""A plan is priced by the engine of the audit."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "platform_tests"))

from plan_cost import Plan, average_instances, lines

from apps.operations.price_list import price_list
from apps.operations.services.audit.costs import costs
from apps.operations.services.audit.inventory import Inventory

COST = Path(__file__).resolve().parents[1] / "platform_tests" / "cost"
DATABASE = {"instance_class": "db.t4g.micro", "allocated_storage": 20, "multi_az": True}
UNUSED = (
    *("nat_gb", "capacity_units", "cdn_gb", "cdn_million_requests", "files_gb", "logs_gb", "backup_gb"),
    "emails_thousand",
)


def test_what_is_planned_costs_what_the_audit_finds_of_it():
    resources = [
        {"type": "aws_db_instance", "address": "aws_db_instance.this", "mode": "managed", "values": DATABASE},
        {"type": "aws_nat_gateway", "address": "aws_nat_gateway.this", "mode": "managed", "values": {}},
    ]
    planned = lines(Plan({"planned_values": {"root_module": {"resources": resources}}}), dict.fromkeys(UNUSED, 0))
    here = {"Region": "eu-west-3"}
    database = {"DBInstanceClass": "db.t4g.micro", "AllocatedStorage": 20, "MultiAZ": True}
    found = Inventory(
        account="123456789012",
        now=datetime(2026, 11, 27, tzinfo=UTC),
        databases=[{**here, **database, "Arn": "database"}],
        gateways=[{**here, "Arn": "gateway"}],
        elastic_ips=[{**here, "Arn": "address"}],
        secrets=[{**here, "Arn": "password"}],
    )
    paris = price_list("eu-west-3")
    assert sum(line.dollars(paris) for line in planned) == sum(cost.dollars for cost in costs(found)) > 0


@pytest.mark.parametrize(
    ("timetable", "average"),
    [
        ([], 2),
        ([("0 0 * * *", 4), ("0 12 * * *", 0)], 2),
        ([("0 12 * * MON-FRI", 7), ("0 12 * * SAT", 0)], 5),
    ],
)
def test_a_fleet_counts_with_its_average_over_a_week(timetable, average):
    actions = [{"recurrence": recurrence, "desired_capacity": desired} for recurrence, desired in timetable]
    assert average_instances(2, actions) == average


def test_needs_none_of_the_packages_of_the_shop():
    """`make test-platform` runs it on the machine's own Python."""
    done = subprocess.run([sys.executable, "-S", COST, "--help"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

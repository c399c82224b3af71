"""Everything that was planted is found, and nothing else."""

import re

import pytest
from django.conf import settings

from apps.operations.runs.report import Reporter
from apps.operations.services.audit.asking import Ask
from apps.operations.services.audit.audit import audit
from apps.operations.services.audit.controls import CONTROLS
from apps.operations.services.audit.readers import read_account
from apps.operations.services.audit.spending import ask_explorer
from apps.operations.tests.planted import ACCOUNT, NOW, REGION, Planter

# Moto cannot give the root account a second factor.
ROOT = ("root_without_mfa", f"arn:aws:iam::{ACCOUNT}:root")
pytestmark = [pytest.mark.django_db, pytest.mark.either_database]


def run(**changes):
    options = {
        "fail_on": "high",
        "regions": "",
        "prowler": "",
        "ocsf": "",
        "html": "",
        "dry_run": False,
        "now": NOW,
    } | changes
    return audit(**options, report=changes.pop("report", Reporter()))


def snapshots_of_images(aws) -> list[str]:
    return [
        f"arn:aws:ec2:{REGION}:{ACCOUNT}:snapshot/{mapping['Ebs']['SnapshotId']}"
        for image in aws("ec2").describe_images(Owners=["self"])["Images"]
        for mapping in image["BlockDeviceMappings"]
    ]


def test_finds_every_planted_fault_and_none_of_their_twins(aws, capsys):
    pairs = Planter(aws, NOW).plant()
    outcome = run()
    found = {(each["check"], each["resource"]) for each in outcome.data["findings"]}
    planted = {(pair.check, pair.bad) for pair in pairs}
    lines = [f"{'check':<32}{'fault found':<14}{'twin let be':<14}"]
    for pair in pairs:
        is_found, is_quiet = (pair.check, pair.bad) in found, pair.good not in {resource for _, resource in found}
        lines.append(f"{pair.check:<32}{'yes' if is_found else 'NO':<14}{'yes' if is_quiet else 'NO':<14}")
    # Moto does not encrypt the snapshots that it makes for images.
    of_images = {("unencrypted_snapshot", each) for each in snapshots_of_images(aws)}
    missed, false_alarms = planted - found, found - planted - {ROOT} - of_images
    lines.append(
        f"{len(pairs)} faults and as many twins: {len(planted & found)} found, {len(missed)} missed, "
        f"{len(false_alarms)} false alarms"
    )
    with capsys.disabled():
        print("\n" + "\n".join(lines))  # noqa: T201
    assert len(planted) == len(pairs) >= 50
    assert not missed
    assert not false_alarms
    assert ROOT in found
    assert {check for check, _resource in found} <= set(CONTROLS)
    assert outcome.data["is_complete"]
    # Rounded once: thirty alarms are not thirty times a rounded cent.
    cost = outcome.data["cost"]
    assert abs(cost["euros"] - cost["dollars"] * 0.86) < 0.01
    assert not outcome.ok


def test_asks_for_the_rights_of_the_workers_role_and_no_more(aws):
    """terraform/modules/identity gives each call its right; a right that no call needs is taken back."""
    Planter(aws, NOW).plant()
    ask = Ask()
    read_account(ask=ask, regions=[REGION], report=Reporter(), now=NOW)
    ask_explorer(ask, NOW)
    policy = (settings.BASE_DIR / "terraform/modules/identity/main.tf").read_text()
    (statement,) = re.findall(r'sid\s*= "Audit"\n\s*actions = \[(.*?)\]', policy, flags=re.DOTALL)
    assert set(re.findall(r'"([^"]+)"', statement)) == ask.rights


def test_only_reads(aws):
    """By the names of the calls: the rights above are all of them."""
    ask = Ask()
    read_account(ask=ask, regions=[REGION], report=Reporter(), now=NOW)
    assert all(re.search(":(Describe|Get|List)", right) for right in ask.rights)

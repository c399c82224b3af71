"""What the audit finds on an account with planted faults (`estate/`), and that it leaves alone what is right.

`pytest apps/operations/tests/test_audit_found.py -s -k table` shows the table.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.test import override_settings

from apps.operations.runs.report import Reporter
from apps.operations.services.audit.asking import Ask
from apps.operations.services.audit.audit import _sentence, judge
from apps.operations.services.audit.controls import CONTROLS
from apps.operations.services.audit.ledger import Scope
from apps.operations.services.audit.page import page
from apps.operations.services.audit.readers import read_account
from apps.operations.services.audit.spending import ask_explorer
from apps.operations.services.audit.words import family_name
from apps.operations.tests.conftest import empty_account
from apps.operations.tests.estate import further, plant
from apps.operations.tests.estate.planting import ACCOUNT, Estate, Planted

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)
REGION = "eu-west-3"
# Faults that have no control of AWS's or CIS's by their heading, and the check that finds them.
BY_HEADING = {
    "end of support": "old_engine",
    "ExternalId": "foreign_account",
    "gp2 to gp3": "old_volume_type",
    "idle balancer": "idle_balancer",
    "idle database": "idle_database",
    "idle instance": "idle_instance",
    "idle NAT": "idle_gateway",
    "PassRole on *": "passes_any_role",
    "previous generation": "old_generation",
    "public AMI": "public_image",
    "role for anyone": "open_role",
    "two keys": "two_access_keys",
    "unused disk": "unattached_volume",
}
# Moto's root account has no access key and knows none of AWS's own policies; a refused call has a test of its own.
CANNOT_BE_PLANTED = {"root_access_key", "iam_administrator", "not_audited"}
pytestmark = [pytest.mark.django_db, pytest.mark.either_database]


@dataclass
class Audited:
    judged: list[Planted]
    further: list[Planted]
    twins: list[Planted]
    data: dict[str, Any]
    rights: set[str]

    def found(self, fault: Planted) -> bool:
        return any(_answers(each["check"], fault) and _points(each, fault) for each in self.data["findings"])

    def false_alarms(self) -> list[tuple[str, str]]:
        return [
            (twin.what, each["check"]) for twin in self.twins for each in self.data["findings"] if _points(each, twin)
        ]


def _answers(check: str, fault: Planted) -> bool:
    return check in (fault.control, BY_HEADING.get(fault.control)) or fault.control in re.split(
        "[, ]+", CONTROLS[check]
    )


def _points(finding: dict[str, Any], planted: Planted) -> bool:
    # Secrets Manager adds six characters to a name.
    return any(
        name == ACCOUNT or re.search(rf"{re.escape(name)}(-\w{{6}})?$", finding["resource"]) for name in planted.at
    )


@pytest.fixture(scope="module")
def audited(aws_server: str, django_db_setup, django_db_blocker) -> Iterator[Audited]:
    """One account and one audit of it, whose findings every test reads."""
    named = {**django_settings.OPERATIONS, "backup_bucket": "shop-backups"}
    with (
        empty_account(aws_server) as clients,
        override_settings(OPERATIONS={**named, "region": REGION, "backup_region": "", "retry_seconds": 0.001}),
        time_machine.travel(NOW, tick=True),
        django_db_blocker.unblock(),
    ):
        estate: Estate = plant(clients)
        judged = list(estate.faults)
        further.plant(estate)
        ask = Ask()
        inventory = read_account(ask=ask, regions=[REGION], report=Reporter(), now=NOW)
        explorer = ask_explorer(ask, NOW)
        scope = Scope(regions=[REGION], unread=ask.unread, has_prowler=False)
        data = judge(inventory=inventory, scope=scope, explorer=explorer, theirs=[], fail_on="high", dry_run=True)
        yield Audited(judged, estate.faults[len(judged) :], estate.twins, data, ask.rights)


def test_the_table(audited, capsys):
    lines = [f"{'heading':<22}{'planted':<64}{'found':<6}"]
    for fault in audited.judged:
        lines.append(f"{fault.control:<22}{fault.what:<64}{'yes' if audited.found(fault) else 'NO':<6}")
    found = sum(map(audited.found, audited.judged))
    false_alarms = audited.false_alarms()
    lines.append(
        f"{len(audited.judged)} faults: {found} found, {len(audited.judged) - found} missed. "
        f"{len(audited.twins)} twins: {len(false_alarms)} false alarms {false_alarms or ''}"
    )
    with capsys.disabled():
        print("\n" + "\n".join(lines))  # noqa: T201
    assert len(audited.judged) == 61
    assert found >= 55
    assert len(audited.twins) >= 30
    assert not false_alarms


def test_every_planted_fault_is_found(audited):
    assert [fault.what for fault in [*audited.judged, *audited.further] if not audited.found(fault)] == []
    assert audited.data["failing"]
    assert audited.data["is_complete"]


def test_every_check_has_a_control_and_meets_a_planted_fault(audited):
    met = {each["check"] for each in audited.data["findings"]}
    assert met == set(CONTROLS) - CANNOT_BE_PLANTED


def test_the_sum_is_rounded_once(audited):
    """Thirty alarms are not thirty times a rounded cent."""
    cost = audited.data["cost"]
    assert abs(cost["euros"] - cost["dollars"] * 0.86) < 0.01


def test_the_headline_says_what_has_no_price(audited):
    """Each family with its number, so that a database that is missing in the sum is not taken for a bucket."""
    unknown = audited.data["cost"]["unknown"]
    assert unknown
    headline, page_of_it = _sentence(audited.data), page(audited.data)
    for family, count in Counter(each["family"] for each in unknown).items():
        assert f"{family_name(family)} {count}" in headline
        assert f"{family_name(family)} {count}" in page_of_it
    assert f"{len(unknown)} ressources sur" in headline


def test_asks_for_the_rights_of_the_workers_role_and_no_more(audited):
    """terraform/modules/identity gives each call its right; a right that no call needs is taken back."""
    policy = (django_settings.BASE_DIR / "terraform/modules/identity/workers.tf").read_text()
    (statement,) = re.findall(r'sid\s*= "Audit"\n\s*actions = \[(.*?)\]', policy, flags=re.DOTALL)
    assert set(re.findall(r'"([^"]+)"', statement)) == audited.rights - {"s3:ListBucket"}


def test_only_reads(audited):
    """By the names of the calls: the rights above are all of them."""
    assert all(re.search(":(Describe|Get|List|View)", right) for right in audited.rights)

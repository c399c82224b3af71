"""What an account has once."""

import pytest
from rules import account
from rules.world import World

from .planned import problems_of, world


def test_an_account_has_one_monitor_of_all_services():
    def monitor(kind: str) -> World:
        return world(("aws_ce_anomaly_monitor.this", {"monitor_type": kind, "monitor_dimension": "SERVICE"}))

    assert problems_of(account.monitors_are_our_own, monitor("CUSTOM")) == []
    assert len(problems_of(account.monitors_are_our_own, monitor("DIMENSIONAL"))) == 1


@pytest.mark.parametrize("name", ["webmarket-test-web", "/webmarket/test/settings/X", "aws-waf-logs-webmarket-test"])
def test_names_carry_their_environment(name):
    def called(name: str | None) -> list[str]:
        found = world(("aws_iam_role.this", {"name": name}), ("aws_sqs_queue.this", {"name": name}))
        return problems_of(account.names_carry_their_environment, found)

    assert called(name) == called(None) == []
    for wrong in (name.replace("test", "staging"), name.replace("test", "testing"), "web"):
        assert len(called(wrong)) == 2, wrong


def test_a_role_of_a_second_region_has_another_name():
    def roles(*names: str) -> list[str]:
        found = world(*((f"aws_iam_role.{number}", {"name": name}) for number, name in enumerate(names)))
        return problems_of(account.names_are_given_once, found)

    assert roles("webmarket-test-a", "webmarket-test-b") == []
    assert roles("webmarket-test-a", "webmarket-test-a") == ["2 of aws_iam_role are called webmarket-test-a"]

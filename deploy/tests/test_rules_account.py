"""What an account has once."""

from rules import account
from rules.world import World

from .planned import problems_of, world


def test_an_account_has_one_monitor_of_all_services():
    def monitor(kind: str) -> World:
        return world(("aws_ce_anomaly_monitor.this", {"monitor_type": kind, "monitor_dimension": "SERVICE"}))

    assert problems_of(account.monitors_are_our_own, monitor("CUSTOM")) == []
    assert len(problems_of(account.monitors_are_our_own, monitor("DIMENSIONAL"))) == 1

"""Whom the firewall stops."""

from rules import firewall
from rules.world import World

from .planned import problems_of, world


def bots(paths: tuple[str, ...], counted: tuple[str, ...]) -> World:
    matches = [{"byte_match_statement": [{"search_string": path}]} for path in paths]
    group = {
        "name": firewall.BOT_CONTROL,
        "rule_action_override": [{"name": name, "action_to_use": [{"count": [{}]}]} for name in counted],
        "scope_down_statement": [{"not_statement": [{"statement": [{"or_statement": [{"statement": matches}]}]}]}],
    }
    rule = {"statement": [{"managed_rule_group_statement": [group]}]}
    return world(("aws_wafv2_web_acl.this", {"rule": [rule]}))


def test_programs_are_not_blocked_as_bots():
    check = firewall.programs_are_not_blocked
    assert problems_of(check, bots(firewall.PROGRAM_PATHS, firewall.BLOCKS_PROGRAMS)) == []
    assert len(problems_of(check, bots(firewall.PROGRAM_PATHS[1:], firewall.BLOCKS_PROGRAMS))) == 1
    assert len(problems_of(check, bots(firewall.PROGRAM_PATHS, firewall.BLOCKS_PROGRAMS[:1]))) == 1

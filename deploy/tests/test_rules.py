"""Every rule."""

from rules import CODE_RULES, RULES


def test_every_rule_says_why_and_names_its_page():
    names = [rule.name for rule in (*RULES, *CODE_RULES)]
    assert len(names) == len(set(names))
    assert all(rule.reason and rule.source.startswith("https://") for rule in (*RULES, *CODE_RULES))

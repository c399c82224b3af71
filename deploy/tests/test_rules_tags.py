"""What spending is counted by."""

from rules import tags
from rules.world import World

from .planned import problems_of, world


def test_what_is_launched_is_tagged():
    def launched(names: set[str]) -> World:
        given = dict.fromkeys(names, "x")
        template = {"tag_specifications": [{"resource_type": kind, "tags": given} for kind in tags.LAUNCHED]}
        group = {"tag": [{"key": name} for name in names]}
        return world(("aws_launch_template.this", template), ("aws_autoscaling_group.this", group))

    assert problems_of(tags.launched_things_are_tagged, launched(tags.MANDATORY)) == []
    assert len(problems_of(tags.launched_things_are_tagged, launched(tags.MANDATORY - {"Owner"}))) == 3


def test_tags_that_are_counted_by_are_activated():
    budget = ("aws_budgets_budget.this", {"cost_filter": [{"name": "TagKeyValue", "values": ["user:Environment$x"]}]})
    active = ("aws_ce_cost_allocation_tag.this", {"tag_key": "Environment", "status": "Active"})
    check, name = tags.counted_tags_can_be_activated, tags.ONE_FOR_THE_ACCOUNT
    assert len(problems_of(check, world(budget, name=name))) == 1
    assert problems_of(check, world(budget, active, name=name)) == []

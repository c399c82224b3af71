"""Launch templates, groups and refreshes."""

import json

from rules import launching
from rules.world import World

from .planned import problems_of, world


def fleet(*, image: str = "ami-0123456789abcdef0", version: str = "1", **preferences) -> World:
    given = {"auto_rollback": True, "min_healthy_percentage": 100, "max_healthy_percentage": 200, **preferences}
    group = {"launch_template": [{"version": version}], "instance_refresh": [{"preferences": [given]}]}
    return world(("aws_autoscaling_group.this", group), ("aws_launch_template.this", {"image_id": image}))


def test_a_release_can_be_rolled_back():
    check = launching.groups_can_roll_back
    assert problems_of(check, fleet()) == []
    assert len(problems_of(check, fleet(image="resolve:ssm:/image"))) == 1
    assert len(problems_of(check, fleet(version="$Latest"))) == 1
    assert problems_of(check, fleet(version="$Latest", auto_rollback=False)) == []


def test_preferences_of_a_refresh_have_bounds():
    check = launching.refreshes_are_possible
    assert problems_of(check, fleet()) == []
    assert len(problems_of(check, fleet(min_healthy_percentage=50))) == 1
    assert len(problems_of(check, fleet(checkpoint_percentages=[100, 50]))) == 1
    assert len(problems_of(check, fleet(alarm_specification=[{"alarms": ["x"] * 11}]))) == 1


def test_the_template_of_these_tests_is_the_planned_one():
    given = json.loads(launching.TESTS_TEMPLATE.read_text())
    check = launching.tests_start_from_the_planned_template
    as_planned = {"image_id": given["ImageId"], "network_interfaces": given.get("NetworkInterfaces", [])}
    assert problems_of(check, world(("aws_launch_template.this", as_planned))) == []
    other = {**as_planned, "network_interfaces": [] if as_planned["network_interfaces"] else [{}]}
    assert len(problems_of(check, world(("aws_launch_template.this", other)))) == 1

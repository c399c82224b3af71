"""Combinations of launch templates, groups and requests that EC2 and Auto Scaling refuse.

The plan is read by the rules below; what the release scripts ask is refused in deploy/tests by `refusal`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from hcl import read as read_hcl

from rules.world import Resource, Rule, World, listed

BY_PARAMETER = "resolve:ssm:"
MOVING_VERSIONS = ("$Latest", "$Default")
HEALTHY_SPAN = 100
ALARMS = 10
ROLLBACK_PAGE = "https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html"
# What deploy/tests starts from.
TESTS_TEMPLATE = Path(__file__).resolve().parents[2] / "tests" / "launch_template.json"


def groups_can_roll_back(world: World) -> Iterator[str]:
    for group in world.of("aws_autoscaling_group"):
        if not any(one["auto_rollback"] for one in _preferences(group)):
            continue
        for version in _versions(group):
            if version in MOVING_VERSIONS:
                yield f"{group.short} follows {version}: its refresh cannot be rolled back"
        for template in _templates(world, group):
            if str(template["image_id"]).startswith(BY_PARAMETER):
                yield f"{template.short} names its image by parameter: a refresh of {group.short} cannot be rolled back"


def refreshes_are_possible(world: World) -> Iterator[str]:
    for group in world.of("aws_autoscaling_group"):
        for given in _preferences(group):
            alarms = [alarm for one in listed(given.get("alarm_specification")) for alarm in listed(one.get("alarms"))]
            percentages = [int(one) for one in listed(given.get("checkpoint_percentages"))]
            span = (given.get("min_healthy_percentage") or 90, given.get("max_healthy_percentage") or 100)
            for problem in preferences_refused(*span, percentages, alarms):
                yield f"{group.short}: {problem}"


def preferences_refused(least: int, most: int, checkpoints: Sequence[int], alarms: Sequence[str]) -> Iterator[str]:
    if not 100 <= most <= 200 or most - least > HEALTHY_SPAN:
        yield f"{least} to {most} % healthy: the most is 100 to 200, and no more than {HEALTHY_SPAN} above the least"
    if checkpoints and (list(checkpoints) != sorted(set(checkpoints)) or not 1 <= checkpoints[0] <= 100):
        yield f"checkpoints {list(checkpoints)} do not rise from 1 to 100"
    if len(alarms) > ALARMS:
        yield f"{len(alarms)} alarms watch a refresh, of {ALARMS}"


def tests_start_from_the_planned_template(world: World) -> Iterator[str]:
    """So that what deploy/tests proves of the release scripts holds for what Terraform makes."""
    given = json.loads(TESTS_TEMPLATE.read_text())
    for template in world.of("aws_launch_template"):
        for what, here, there in (
            ("network interfaces", bool(template["network_interfaces"]), "NetworkInterfaces" in given),
            ("an image by parameter", _by_parameter(template["image_id"]), _by_parameter(given["ImageId"])),
        ):
            if here != there:
                verb = "has" if here else "has not"
                yield f"{template.short} {verb} {what}, unlike {TESTS_TEMPLATE.name} of deploy/tests"


def _by_parameter(image: str | None) -> bool:
    return str(image).startswith(BY_PARAMETER)


def _preferences(group: Resource) -> list[dict]:
    return [one for refresh in listed(group["instance_refresh"]) for one in listed(refresh.get("preferences"))]


def _versions(group: Resource) -> list[str]:
    plain = [one.get("version") for one in listed(group["launch_template"])]
    mixed = [
        named.get("version")
        for policy in listed(group["mixed_instances_policy"])
        for template in listed(policy.get("launch_template"))
        for named in listed(template.get("launch_template_specification"))
    ]
    return [str(one) for one in plain + mixed if one]


def _templates(world: World, group: Resource) -> list[Resource]:
    beside = group.address.replace("aws_autoscaling_group.", "aws_launch_template.")
    return [one for one in world.of("aws_launch_template") if one.address == beside]


def refusal(operation: str, asked: dict, template: dict) -> tuple[str, str] | None:
    """Code and message with which AWS refuses a request, given the launch template that it starts from."""
    if operation == "RunInstances":
        return _run_refused(asked, template)
    if operation == "StartInstanceRefresh":
        return _refresh_refused(asked, template)
    return None


def _run_refused(asked: dict, template: dict) -> tuple[str, str] | None:
    if not (template.get("NetworkInterfaces") or asked.get("NetworkInterfaces")):
        return None
    for name, what in (("SubnetId", "subnet ID"), ("SecurityGroupIds", "security groups")):
        if name in asked:
            says = f"Network interfaces and an instance-level {what} may not be specified on the same request"
            return "InvalidParameterCombination", says
    return None


def _refresh_refused(asked: dict, template: dict) -> tuple[str, str] | None:
    given = asked.get("Preferences", {})
    alarms = given.get("AlarmSpecification", {}).get("Alarms", [])
    span = (given.get("MinHealthyPercentage", 90), given.get("MaxHealthyPercentage", 100))
    for problem in preferences_refused(*span, given.get("CheckpointPercentages", []), alarms):
        return "ValidationError", problem
    if given.get("SkipMatching") and "DesiredConfiguration" not in asked:
        return "ValidationError", "SkipMatching needs a desired configuration"
    if not given.get("AutoRollback"):
        return None
    if "DesiredConfiguration" not in asked:
        return "ValidationError", "A refresh without a desired configuration cannot be rolled back"
    if template.get("Version") in MOVING_VERSIONS:
        return "ValidationError", f"A group that follows {template['Version']} cannot be rolled back"
    if str(template.get("ImageId")).startswith(BY_PARAMETER):
        return "ValidationError", "A group whose launch template names its image by parameter cannot be rolled back"
    return None


# What a release, a timetable or the shop changes after Terraform has made it, and what its next apply would take back.
CHANGED_ELSEWHERE = {
    ("fleet", "aws_launch_template"): ("image_id", "the next apply brings back the image of the first"),
    ("fleet", "aws_autoscaling_group"): ("desired_capacity", "the next apply ends what scaling has started"),
    ("secrets", "aws_ssm_parameter"): ("value", "the next apply names the image of the first"),
}
# What is in use while its successor is made.
IN_USE = (
    ("edge", "aws_acm_certificate"),
    ("edge", "aws_cloudfront_public_key"),
    ("database", "aws_db_parameter_group"),
)


def applies_leave_what_others_change(root: Path) -> Iterator[str]:
    for (module, kind), (argument, because) in CHANGED_ELSEWHERE.items():
        lifecycles = _lifecycles(root / "terraform" / "modules" / module, kind)
        if not any(argument in re.findall(r"\w+", given.get("ignore_changes", "")) for given in lifecycles.values()):
            yield f"{kind} of modules/{module} does not ignore {argument}: {because}"
    for module, kind in IN_USE:
        for name, given in _lifecycles(root / "terraform" / "modules" / module, kind).items():
            if given.get("create_before_destroy") != "true":
                yield f"{kind}.{name} of modules/{module} is in use, and deleted before its successor is there"


def _lifecycles(folder: Path, kind: str) -> dict[str, dict[str, str]]:
    """Of each resource of the kind, what its lifecycle says."""
    found = {}
    for path in sorted(folder.glob("*.tf")):
        text = path.read_text()
        for block in read_hcl(text):
            if block.labels[:1] == (kind,):
                given = [one for one in block.blocks if one.kind == "lifecycle"]
                found[block.labels[1]] = {
                    one.name: text[one.value : one.end].strip() for own in given for one in own.arguments
                }
    return found


CODE_RULES = (
    Rule(
        "an apply leaves what others change",
        "Terraform sets every argument back to what it says, unless it is told to ignore it.",
        "https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle",
        applies_leave_what_others_change,
    ),
)

RULES = (
    Rule(
        "a release can be rolled back",
        "No rollback to a template that names its image by parameter, nor of a group that follows $Latest or $Default.",
        ROLLBACK_PAGE,
        groups_can_roll_back,
    ),
    Rule(
        "preferences of a refresh",
        "The span of healthy instances, the checkpoints and the alarms have bounds.",
        "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html",
        refreshes_are_possible,
    ),
    Rule(
        "release scripts are tried on the planned template",
        "RunInstances refuses a subnet beside a template's network interfaces; deploy/tests refuses it likewise.",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html",
        tests_start_from_the_planned_template,
    ),
)

"""Tags by which spending is counted."""

from __future__ import annotations

from collections.abc import Iterator

from rules.world import Rule, World, listed

MANDATORY = {"Project", "Environment", "Owner", "CostCentre", "ManagedBy"}
# Tags are activated once for an account: by production, when asked to.
ONE_FOR_THE_ACCOUNT = "production"
# What a launch template's instances bring with them.
LAUNCHED = ("instance", "volume")


def launched_things_are_tagged(world: World) -> Iterator[str]:
    for template in world.of("aws_launch_template"):
        given = {one["resource_type"]: set(one["tags"] or {}) for one in listed(template["tag_specifications"])}
        for kind in LAUNCHED:
            if missing := sorted(MANDATORY - given.get(kind, set())):
                yield f"{template.short}: each {kind} lacks {', '.join(missing)}"
    for group in world.of("aws_autoscaling_group"):
        if missing := sorted(MANDATORY - {one["key"] for one in listed(group["tag"])}):
            yield f"{group.short} lacks {', '.join(missing)}"


def counted_tags_can_be_activated(world: World) -> Iterator[str]:
    """A budget by tag counts nothing until the tag is activated; the code must be able to do that."""
    for budget in world.of("aws_budgets_budget"):
        by_tag = [one for one in listed(budget["cost_filter"]) if one["name"] == "TagKeyValue"]
        active = {one["tag_key"] for one in world.of("aws_ce_cost_allocation_tag") if one["status"] == "Active"}
        for value in (value for one in by_tag for value in listed(one["values"])):
            tag = value.partition("$")[0].removeprefix("user:")
            if world.name == ONE_FOR_THE_ACCOUNT and tag not in active:
                yield f"{budget.short} counts by the tag {tag}, which nothing activates"


RULES = (
    Rule(
        "what is launched is tagged",
        "A provider's default tags reach neither instances and volumes of a template nor a group's own.",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs#default_tags-configuration-block",
        launched_things_are_tagged,
    ),
    Rule(
        "tags that are counted by are activated",
        "Cost Explorer and budgets know a tag once it is activated for cost allocation, a day after it was first used.",
        "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html",
        counted_tags_can_be_activated,
    ),
)

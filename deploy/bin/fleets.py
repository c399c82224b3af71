"""Deploy an image to the fleets: a new version of each launch template, then an instance refresh that can roll back.

The version names the image itself: a refresh to a template that reads it from a parameter could not be rolled back.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html
"""

from __future__ import annotations

import json

from release import FLEETS, ROOT, Environment, Refused, Step, client, group, launch_template

REFRESH_SECONDS = 3600
ROLLBACK_ALARMS = json.loads((ROOT / "terraform/modules/monitoring/rollback_alarms.json").read_text())
IN_PROGRESS = {"Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking"}
PREFERENCES = {
    "MinHealthyPercentage": 100,
    "MaxHealthyPercentage": 200,
    "CheckpointPercentages": [50, 100],
    "CheckpointDelay": 120,
    "AutoRollback": True,
    "SkipMatching": True,
}


def refresh_all(step: Step, environment: Environment, image: str, what: str) -> None:
    """Refresh every fleet, one after the other. If one rolls back or is refused, those before it roll back too."""
    refuse_while_refreshing(environment)
    before: dict[str, str] = {}
    for role in FLEETS:
        former = launch_template(client("autoscaling"), environment, role)
        try:
            version = create_template_version(step, former, image, what)
            before[role] = former["Version"]
            refresh_fleet(step, environment, role, version)
        except Refused as refused:
            left = restore_all(step, environment, before, failed=role)
            raise Refused("\n".join([str(refused), *left])) from refused


def restore_all(step: Step, environment: Environment, before: dict[str, str], *, failed: str) -> list[str]:
    """Lead every fleet back, whatever becomes of another; returns a sentence for each that could not be."""
    left = []
    for role, version in before.items():
        try:
            restore_template(step, environment, role, version, rolled_back=role == failed)
        except Refused as error:
            fleet = environment.fleet(role)
            left.append(f"{fleet} is not back at version {version} of its launch template; do that by hand. {error}")
    return left


def refuse_while_refreshing(environment: Environment) -> None:
    """Two releases at once would each lead the other's fleets back. Raises Refused while a refresh is in progress."""
    if name := refreshing(environment):
        raise Refused(f"The instances of {name} are being refreshed: wait for that, or roll it back (roll_back).")


def refreshing(environment: Environment) -> str:
    """A group whose instances are being refreshed, or nothing."""
    for name in map(environment.fleet, FLEETS):
        found = client("autoscaling").describe_instance_refreshes(AutoScalingGroupName=name, MaxRecords=1)
        if any(refresh["Status"] in IN_PROGRESS for refresh in found["InstanceRefreshes"]):
            return name
    return ""


def create_template_version(step: Step, template: dict[str, str], image: str, what: str) -> str:
    created = step.act(
        f"create a version of {template.get('LaunchTemplateName', template['LaunchTemplateId'])} with {image}",
        client("ec2").create_launch_template_version,
        LaunchTemplateId=template["LaunchTemplateId"],
        SourceVersion=template["Version"],
        VersionDescription=what[:255],
        LaunchTemplateData={"ImageId": image},
    )
    return str(created["LaunchTemplateVersion"]["VersionNumber"]) if created else "the new one"


def started_images(environment: Environment) -> set[str]:
    """What new instances of the fleets start from, now and by the newest version of each launch template.

    A group takes up the version of a refresh when that has ended; Terraform leads it to the newest.
    """
    found = set()
    for role in FLEETS:
        template = launch_template(client("autoscaling"), environment, role)
        versions = client("ec2").describe_launch_template_versions(
            LaunchTemplateId=template["LaunchTemplateId"], Versions=sorted({template["Version"], "$Latest"})
        )
        found |= {one["LaunchTemplateData"]["ImageId"] for one in versions["LaunchTemplateVersions"]}
    return found


def restore_template(step: Step, environment: Environment, role: str, version: str, *, rolled_back: bool) -> None:
    """Make the former version the newest again, so that no later instance starts the failed one."""
    template = launch_template(client("autoscaling"), environment, role)
    versions = client("ec2").describe_launch_template_versions(
        LaunchTemplateId=template["LaunchTemplateId"], Versions=[version]
    )
    image = versions["LaunchTemplateVersions"][0]["LaunchTemplateData"]["ImageId"]
    number = create_template_version(step, {**template, "Version": version}, image, f"as version {version}")
    if not rolled_back:
        refresh_fleet(step, environment, role, number)
        return
    step.act(
        f"set the template version of {environment.fleet(role)}, whose instances run it already",
        client("autoscaling").update_auto_scaling_group,
        AutoScalingGroupName=environment.fleet(role),
        **desired_configuration(environment, role, number),
    )


def refresh_fleet(step: Step, environment: Environment, role: str, version: str) -> None:
    """Start an instance refresh and wait for it. Raises Refused when it was rolled back, cancelled or failed."""
    autoscaling = client("autoscaling")
    name = environment.fleet(role)
    alarms = [f"{environment.prefix}-{alarm}" for alarm in ROLLBACK_ALARMS]
    started = step.act(
        f"refresh the instances of {name}",
        autoscaling.start_instance_refresh,
        AutoScalingGroupName=name,
        Strategy="Rolling",
        DesiredConfiguration=desired_configuration(environment, role, version),
        Preferences={**PREFERENCES, "AlarmSpecification": {"Alarms": alarms}},
    )
    if step.dry:
        return
    number = started["InstanceRefreshId"]
    ended = step.until(f"{name} is refreshed", REFRESH_SECONDS, lambda: refresh_result(step, autoscaling, name, number))
    if ended["Status"] != "Successful":
        raise Refused(f"{name}: {ended['Status']}. {ended.get('StatusReason', '')}")


def desired_configuration(environment: Environment, role: str, version: str) -> dict:
    """The group's configuration with another version of its launch template; instance types and spot stay."""
    found = group(client("autoscaling"), environment.fleet(role))
    if "LaunchTemplate" in found:
        return {"LaunchTemplate": {"LaunchTemplateId": found["LaunchTemplate"]["LaunchTemplateId"], "Version": version}}
    policy = found["MixedInstancesPolicy"]
    named = policy["LaunchTemplate"]["LaunchTemplateSpecification"]
    specification = {"LaunchTemplateId": named["LaunchTemplateId"], "Version": version}
    template = {**policy["LaunchTemplate"], "LaunchTemplateSpecification": specification}
    return {"MixedInstancesPolicy": {**policy, "LaunchTemplate": template}}


def refresh_result(step: Step, autoscaling, name: str, number: str) -> dict | None:
    found = autoscaling.describe_instance_refreshes(AutoScalingGroupName=name, InstanceRefreshIds=[number])
    state = found["InstanceRefreshes"][0]
    step.say(f"{name} {state['Status']} {state.get('PercentageComplete', 0)} %")
    return None if state["Status"] in IN_PROGRESS else state

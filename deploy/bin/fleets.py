"""How a fleet comes to an image: a new version of its launch template, then an instance refresh that may go back.

The version names the image itself. A template that reads the image from a parameter could not be gone back to:
https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html
"""

from __future__ import annotations

import json

from release import FLEETS, ROOT, Environment, Refused, Step, client, group, launch_template

REFRESH_SECONDS = 3600
ALARMS = json.loads((ROOT / "terraform/modules/monitoring/rollback_alarms.json").read_text())
GOING = {"Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking"}
PREFERENCES = {
    "MinHealthyPercentage": 100,
    "MaxHealthyPercentage": 200,
    "CheckpointPercentages": [50, 100],
    "CheckpointDelay": 120,
    "AutoRollback": True,
    "SkipMatching": True,
}


def exchange(step: Step, environment: Environment, image: str, what: str) -> None:
    """Every fleet, one after the other. If one goes back by itself, those before it are led back too."""
    before: dict[str, str] = {}
    for role in FLEETS:
        former = launch_template(client("autoscaling"), environment, role)
        before[role] = former["Version"]
        version = point(step, former, image, what)
        try:
            refresh(step, environment, role, version)
        except Refused:
            for done, version_before in before.items():
                restore(step, environment, done, version_before, gone_back=done == role)
            raise


def point(step: Step, template: dict[str, str], image: str, what: str) -> str:
    made = step.act(
        f"make a version of {template.get('LaunchTemplateName', template['LaunchTemplateId'])} that starts {image}",
        client("ec2").create_launch_template_version,
        LaunchTemplateId=template["LaunchTemplateId"],
        SourceVersion=template["Version"],
        VersionDescription=what[:255],
        LaunchTemplateData={"ImageId": image},
    )
    return str(made["LaunchTemplateVersion"]["VersionNumber"]) if made else "the new one"


def restore(step: Step, environment: Environment, role: str, version: str, *, gone_back: bool) -> None:
    """The newest version is again what serves, so that nothing later starts what failed."""
    template = launch_template(client("autoscaling"), environment, role)
    versions = client("ec2").describe_launch_template_versions(
        LaunchTemplateId=template["LaunchTemplateId"], Versions=[version]
    )
    image = versions["LaunchTemplateVersions"][0]["LaunchTemplateData"]["ImageId"]
    number = point(step, {**template, "Version": version}, image, f"as version {version}")
    if not gone_back:
        refresh(step, environment, role, number)
        return
    step.act(
        f"point {environment.fleet(role)} at it; what runs is already so",
        client("autoscaling").update_auto_scaling_group,
        AutoScalingGroupName=environment.fleet(role),
        **started_from(environment, role, number),
    )


def refresh(step: Step, environment: Environment, role: str, version: str) -> None:
    """Exchange the instances; returns when all run, raises when the fleet has gone back or stopped on the way."""
    autoscaling = client("autoscaling")
    name = environment.fleet(role)
    alarms = [f"{environment.prefix}-{alarm}" for alarm in ALARMS]
    started = step.act(
        f"exchange the instances of {name}",
        autoscaling.start_instance_refresh,
        AutoScalingGroupName=name,
        Strategy="Rolling",
        DesiredConfiguration=started_from(environment, role, version),
        Preferences={**PREFERENCES, "AlarmSpecification": {"Alarms": alarms}},
    )
    if step.dry:
        return
    number = started["InstanceRefreshId"]
    ended = step.until(f"{name} is exchanged", REFRESH_SECONDS, lambda: outcome(step, autoscaling, name, number))
    if ended["Status"] != "Successful":
        raise Refused(f"{name}: {ended['Status']}. {ended.get('StatusReason', '')}")


def started_from(environment: Environment, role: str, version: str) -> dict:
    """What an Auto Scaling group starts from, with another version of its template; sizes and spot stay as they are."""
    found = group(client("autoscaling"), environment.fleet(role))
    if "LaunchTemplate" in found:
        return {"LaunchTemplate": {"LaunchTemplateId": found["LaunchTemplate"]["LaunchTemplateId"], "Version": version}}
    policy = found["MixedInstancesPolicy"]
    named = policy["LaunchTemplate"]["LaunchTemplateSpecification"]
    specification = {"LaunchTemplateId": named["LaunchTemplateId"], "Version": version}
    template = {**policy["LaunchTemplate"], "LaunchTemplateSpecification": specification}
    return {"MixedInstancesPolicy": {**policy, "LaunchTemplate": template}}


def outcome(step: Step, autoscaling, name: str, number: str) -> dict | None:
    found = autoscaling.describe_instance_refreshes(AutoScalingGroupName=name, InstanceRefreshIds=[number])
    state = found["InstanceRefreshes"][0]
    step.say(f"{name} {state['Status']} {state.get('PercentageComplete', 0)} %")
    return None if state["Status"] in GOING else state

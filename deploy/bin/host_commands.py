"""Run a command on a host by Session Manager, without SSH, and wait for what it says."""

from __future__ import annotations

from release import Step, client

RUNNING = {"Pending", "InProgress", "Delayed"}


def run_on(step: Step, instance: str, what: str, commands: list[str], seconds: int) -> dict:
    """Its status and output; {} in a dry run."""
    ssm = client("ssm")
    sent = step.act(
        f"run {what} on {instance}",
        ssm.send_command,
        InstanceIds=[instance],
        DocumentName="AWS-RunShellScript",
        Comment=what[:100],
        Parameters={"commands": commands, "executionTimeout": [str(seconds)]},
    )
    if step.dry:
        return {}
    return step.until(f"{what} has ended", seconds, lambda: ended(sent["Command"]["CommandId"], instance))


def online(instance: str) -> bool:
    filters = [{"Key": "InstanceIds", "Values": [instance]}]
    found = client("ssm").describe_instance_information(Filters=filters)["InstanceInformationList"]
    return bool(found) and found[0].get("PingStatus") == "Online"


def ended(command: str, instance: str) -> dict | None:
    ssm = client("ssm")
    try:
        answer = ssm.get_command_invocation(CommandId=command, InstanceId=instance)
    except ssm.exceptions.InvocationDoesNotExist:
        return None
    return None if answer["Status"] in RUNNING else answer

"""Machines of the timetable: instances, Auto Scaling groups and databases tagged Environment=dev."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError
from django.utils.translation import gettext as _

from apps.operations.aws.clients import client
from apps.operations.aws.errors import THROTTLED, explain, is_missing
from apps.operations.errors import OperationFailed

DEV = {"Key": "Environment", "Value": "dev"}
# « prod » anywhere but in products and producers (« produit »); « prd » and « live » where a word begins or ends with
# them: delivery and olives are no production.
PRODUCTION = re.compile(
    r"prod(?!uct(?!ion)|uce|uit)"
    r"|(?<![a-z])prd|prd(?![a-z])"
    r"|(?<![a-z])live(?!ly|r|d(?![a-z]))|(?<!o)(?<!a)(?<!re)live(?![a-z])"
)
# A tag with such a name or value protects the machine, unless its value negates it.
PROTECTED = re.compile(r"protect|protege|do ?not ?stop|never ?stop|always ?on")
NO = {"0", "false", "no", "none", "non", "off", "disabled"}
KEEP_UP_UNTIL = "KeepUpUntil"
# Tag: the name of its timetable, where it is not the one without a name.
TIMETABLE = "Timetable"
# Tag: since when it is stopped, and its former size. The timetable starts again only what has it.
STOPPED = "StoppedByTimetable"
_GROUP = "aws:autoscaling:groupName"


class State(StrEnum):
    UP = "UP"
    DOWN = "DOWN"
    MOVING = "MOVING"


class Changed(OperationFailed):
    """It has changed since it was listed."""

    code = "machine_changed"


@dataclass(frozen=True)
class Machine:
    """`sizes` is how many of which type, as the price list names them; `refusal` is why it is left alone."""

    kind: str
    name: str
    state: State
    tags: dict[str, str]
    sizes: dict[str, int]
    refusal: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Its id and its `Name` tag."""
        named = self.tags.get("Name", "").strip()
        return f"{self.name} ({named})" if named and named != self.name else self.name


def machines() -> list[Machine]:
    """All that are tagged dev, those that are refused among them. Three listings, whatever their number."""
    return [*_instances(), *_groups(), *_databases()]


def timetable_of(machine: Machine) -> str:
    """Its name as `read_timetables` has it, whatever the case; empty for the one without a name."""
    named = (value for key, value in machine.tags.items() if key.casefold() == TIMETABLE.casefold())
    return next(named, "").strip().casefold()


def look_again(machine: Machine) -> None:
    """Raises Changed where it was tagged, started or stopped since it was listed: minutes ago, if AWS throttled us."""
    look = {"ec2": _instances, "asg": _groups, "rds": _databases}[machine.kind]
    try:
        found = next(look(machine.name), None)
    except ClientError as error:
        if not is_missing(error):
            raise
        found = None
    if found is None:
        raise Changed(_("elle n’est plus étiquetée Environment=dev"))
    if found.refusal:
        raise Changed(found.refusal)
    if found.state != machine.state:
        raise Changed(_("quelqu’un vient de la démarrer ou de l’arrêter"))


def stop(machine: Machine, *, now: datetime) -> None:
    """The tag first: after a crash between the two the machine is up, and the next run stops it. Raises Changed."""
    look_again(machine)
    since = now.isoformat(timespec="seconds")
    if machine.kind == "ec2":
        ec2 = client("ec2")
        ec2.create_tags(Resources=[machine.name], Tags=[{"Key": STOPPED, "Value": since}])
        ec2.stop_instances(InstanceIds=[machine.name])
    elif machine.kind == "rds":
        rds = client("rds")
        rds.add_tags_to_resource(
            ResourceName=machine.details["arn"], Tags=[{"Key": STOPPED, "Value": machine.tags.get(STOPPED, since)}]
        )
        rds.stop_db_instance(DBInstanceIdentifier=machine.name)
    else:
        groups = client("autoscaling")
        sizes = "/".join(f"{size}:{count}" for size, count in machine.sizes.items())
        remembered = f"{since} {machine.details['min']} {machine.details['desired']} {sizes}".strip()
        groups.create_or_update_tags(Tags=[_group_tag(machine.name, remembered)])
        groups.update_auto_scaling_group(AutoScalingGroupName=machine.name, MinSize=0, DesiredCapacity=0)


def start(machine: Machine) -> None:
    """The tag last: after a crash between the two the machine is up, and the next run removes the tag. Raises
    Changed."""
    look_again(machine)
    if machine.kind == "ec2":
        client("ec2").start_instances(InstanceIds=[machine.name])
    elif machine.kind == "rds":
        client("rds").start_db_instance(DBInstanceIdentifier=machine.name)
    else:
        _since, least, desired, *_sizes = machine.tags[STOPPED].split()
        client("autoscaling").update_auto_scaling_group(
            AutoScalingGroupName=machine.name, MinSize=int(least), DesiredCapacity=int(desired)
        )
    clear_stop(machine)


def clear_stop(machine: Machine) -> None:
    if STOPPED not in machine.tags:
        return
    if machine.kind == "ec2":
        client("ec2").delete_tags(Resources=[machine.name], Tags=[{"Key": STOPPED}])
    elif machine.kind == "rds":
        client("rds").remove_tags_from_resource(ResourceName=machine.details["arn"], TagKeys=[STOPPED])
    else:
        client("autoscaling").delete_tags(Tags=[_group_tag(machine.name, "")])


def stopped_at(machine: Machine) -> datetime | None:
    """When the timetable stopped it; None where a person did, or somebody wrote into the tag."""
    try:
        return datetime.fromisoformat(machine.tags[STOPPED].split()[0])
    except (KeyError, IndexError, ValueError):
        return None


def _instances(name: str = "") -> Iterator[Machine]:
    states = {"running": State.UP, "stopped": State.DOWN, "pending": State.MOVING, "stopping": State.MOVING}
    asked = [_filter(), _alive(states), *([{"Name": "instance-id", "Values": [name]}] if name else [])]
    pages = client("ec2").get_paginator("describe_instances").paginate(Filters=asked)
    for page in pages:
        for instance in (each for reservation in page["Reservations"] for each in reservation["Instances"]):
            tags = _tags(instance["Tags"])
            if _GROUP in tags:
                continue  # A group replaces stopped instances: the group itself is stopped.
            refusal = refusal_of(tags)
            if instance.get("InstanceLifecycle") == "spot":
                refusal = refusal or _("une instance spot ne s’arrête pas")
            elif instance.get("RootDeviceType") == "instance-store":
                refusal = refusal or _("son disque n’existe que tant qu’elle tourne")
            yield Machine(
                "ec2",
                instance["InstanceId"],
                states[instance["State"]["Name"]],
                tags,
                {instance["InstanceType"]: 1},
                refusal,
            )


def _groups(name: str = "") -> Iterator[Machine]:
    asked: dict[str, Any] = {"AutoScalingGroupNames": [name]} if name else {"Filters": [_filter()]}
    pages = client("autoscaling").get_paginator("describe_auto_scaling_groups").paginate(**asked)
    for group in (each for page in pages for each in page["AutoScalingGroups"]):
        tags = _tags(group["Tags"])
        if tags.get(DEV["Key"]) != DEV["Value"]:
            continue
        least, desired = group["MinSize"], group["DesiredCapacity"]
        is_up = bool(least or desired)
        sizes: dict[str, int] = {}
        for instance in group["Instances"]:
            size = instance.get("InstanceType", "")
            sizes[size] = sizes.get(size, 0) + 1
        refusal = refusal_of(tags, group["AutoScalingGroupName"])
        if group.get("DeletionProtection", "none") != "none":
            refusal = refusal or _("protégée contre la suppression")
        if not is_up and len(tags.get(STOPPED, "").split()) < 3:
            refusal = refusal or _("personne n’a noté combien d’instances elle avait")
        elif not is_up:
            sizes = _remembered(tags[STOPPED])
        yield Machine(
            "asg",
            group["AutoScalingGroupName"],
            State.UP if is_up else State.DOWN,
            tags,
            sizes,
            refusal,
            {"min": least, "desired": desired},
        )


def _databases(name: str = "") -> Iterator[Machine]:
    states = {"available": State.UP, "stopped": State.DOWN}
    asked = {"DBInstanceIdentifier": name} if name else {}
    for page in client("rds").get_paginator("describe_db_instances").paginate(**asked):
        for database in page["DBInstances"]:
            tags = _tags(database.get("TagList", []))
            if tags.get(DEV["Key"]) != DEV["Value"]:
                continue
            refusal = refusal_of(tags, database["DBInstanceIdentifier"])
            if database.get("DeletionProtection"):
                refusal = refusal or _("protégée contre la suppression")
            if database.get("DBClusterIdentifier"):
                refusal = refusal or _("elle appartient à une grappe")
            yield Machine(
                "rds",
                database["DBInstanceIdentifier"],
                states.get(database["DBInstanceStatus"], State.MOVING),
                tags,
                {database["DBInstanceClass"]: 2 if database.get("MultiAZ") else 1},
                refusal,
                {"arn": database["DBInstanceArn"]},
            )


def refusal_of(tags: dict[str, str], *names: str) -> str:
    """Why it is left alone: a name, or the key or value of any tag, that says production; a tag that protects it."""
    for name in names:
        if _says(PRODUCTION, name):
            return _("son nom dit production : %(name)s") % {"name": name}
    for key, value in tags.items():
        details = {"tag": f"{key}={value}"}
        if _says(PRODUCTION, key) or _says(PRODUCTION, value):
            return _("étiquetée %(tag)s") % details
        if _says(PROTECTED, value) or (_says(PROTECTED, key) and value.strip().casefold() not in NO):
            return _("protégée par son étiquette %(tag)s") % details
    return ""


def protection_of(machine: Machine) -> str:
    """EC2 describes the protection of one instance at a time, so it is read before the act alone. Where AWS does not
    say, it counts as protected."""
    if machine.kind != "ec2":
        return ""
    ec2 = client("ec2")
    for attribute in ("disableApiTermination", "disableApiStop"):
        try:
            answer = ec2.describe_instance_attribute(InstanceId=machine.name, Attribute=attribute)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if is_missing(error) or code.startswith("InvalidInstanceID"):
                return ""
            if code in THROTTLED:
                raise
            return explain(error).message
        if answer.get(f"{attribute[0].upper()}{attribute[1:]}", {}).get("Value"):
            return _("protégée contre la suppression ou l’arrêt")
    return ""


def _says(what: re.Pattern[str], written: str) -> bool:
    """Matches in lower case and without accents, as it stands and with a space before each capitalised word: « webLive
    », « WEB_LIVE » and « LIVEweb » alike."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", written) if not unicodedata.combining(sign))
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", plain)
    return any(what.search(re.sub(r"[^a-z0-9]+", " ", each.casefold())) for each in (plain, apart))


def _remembered(written: str) -> dict[str, int]:
    sizes = [pair.rpartition(":") for pair in (written.split()[3:] or [""])[0].split("/") if pair]
    return {size: int(count) for size, _colon, count in sizes if count.isdigit()}


def _filter() -> dict[str, Any]:
    return {"Name": f"tag:{DEV['Key']}", "Values": [DEV["Value"]]}


def _alive(states: dict[str, State]) -> dict[str, Any]:
    return {"Name": "instance-state-name", "Values": list(states)}


def _tags(listed: list[dict[str, Any]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in listed}


def _group_tag(name: str, value: str) -> dict[str, Any]:
    return {
        "ResourceId": name,
        "ResourceType": "auto-scaling-group",
        "Key": STOPPED,
        "Value": value,
        "PropagateAtLaunch": False,
    }

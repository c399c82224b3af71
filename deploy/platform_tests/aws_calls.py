"""The calls of AWS that the shop, its hosts and its release commands make: recorded from tests against moto, and kept.

`recorded_calls.json` holds each caller's calls with what they act on, by names that every environment fills in. What
needs programs that cannot run here (Packer, AWS's agents) stands in rules/permissions/.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from local import PYTHON, ROOT, Unusable

RECORDED = ROOT / "deploy" / "platform_tests" / "recorded_calls.json"
RECORDER = ROOT / "deploy" / "platform_tests" / "call_recorder"
LINES = ROOT / "var" / "aws_calls.jsonl"
# Everything that lets our own code talk to moto. Release commands are tested apart: they set up a region of their own.
TESTS = (
    ("apps/operations/tests", "apps/backoffice/tests/test_dead_letters.py"),
    ("webmarket/tests/test_s3.py", "webmarket/tests/test_direct_uploads.py", "webmarket/tests/test_documents.py"),
    ("deploy/tests",),
)
ANY = "*"
QUEUES = ("default", "operations")
# Names of an environment in tests.
STAGED = (
    (r"webmarket-(staging|test)\b", "{name}"),
    ("/staging/", "/{environment}/"),
    (r"(?<=/webmarket/images/).+", "…"),
    (r"arn:aws:secretsmanager:.*:rds!db-.*", "{database_secret}"),
)


@dataclass(frozen=True, order=True)
class Call:
    """`target` is what it acts on: `{files}/media/…`, `db:{name}`, a parameter; `*` where AWS takes no resource."""

    caller: str
    call: str
    target: str

    @property
    def service(self) -> str:
        return self.call.partition(".")[0]


def recorded() -> list[Call]:
    recorded = json.loads(RECORDED.read_text())
    return [
        Call(caller, call, target)
        for caller, calls in recorded.items()
        for call, targets in calls.items()
        for target in targets
    ]


def as_text(calls: Iterable[Call]) -> str:
    recorded: dict[str, dict[str, list[str]]] = {}
    for one in sorted(set(calls)):
        recorded.setdefault(one.caller, {}).setdefault(one.call, []).append(one.target)
    return json.dumps(recorded, indent=1, ensure_ascii=False) + "\n"


def record() -> list[Call]:
    """Run the tests and return what they saw. Raises Unusable when a test fails: its calls might be missing."""
    LINES.parent.mkdir(parents=True, exist_ok=True)
    LINES.unlink(missing_ok=True)
    variables = {**os.environ, "WEBMARKET_CALLS_FILE": str(LINES), "PYTHONPATH": str(RECORDER)}
    for tests in TESTS:
        done = subprocess.run(
            [str(PYTHON), "-m", "pytest", "-p", "no:cacheprovider", *tests],
            cwd=ROOT,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise Unusable(f"{done.stdout[-4000:]}\n{' '.join(tests)} failed: what it calls is not known.")
    with LINES.open() as lines:
        return sorted({found for line in lines for found in calls_of(json.loads(line))})


def calls_of(line: dict) -> Iterator[Call]:
    for target in targets(line["call"], line["named"], line["places"], line["caller"]):
        yield Call(line["caller"], line["call"], target)


def targets(call: str, named: dict, places: dict[str, str], caller: str) -> list[str]:
    find = TARGETS.get(call) or TARGETS.get(call.partition(".")[0])
    if find is None:
        return [ANY]
    return [_generic(target, places) for target in find(named, places, caller)]


def _generic(target: str, places: dict[str, str]) -> str:
    for value, name in places.items():
        if name == "database":
            target = re.sub(rf"\b{re.escape(value)}\b", "{name}", target)
    for pattern, name in STAGED:
        target = re.sub(pattern, name, target)
    return target


def _bucket(named: dict, places: dict[str, str], caller: str) -> str:
    """Nothing for a bucket that a test hands to what keeps backups, and that no setting names."""
    # The storages of the library are all of the shop's files.
    place = places.get(named["Bucket"]) or ("" if "/backup/" in caller else "files")
    return place and f"{{{place}}}"


def _folder(key: str) -> str:
    return f"{key.partition('/')[0]}/…" if "/" in key else key


def _objects(named: dict, places: dict[str, str], caller: str) -> list[str]:
    bucket = _bucket(named, places, caller)
    keys = [one["Key"] for one in named.get("Delete", {}).get("Objects", [])] or [named.get("Key", "")]
    return [f"{bucket}/{_folder(key)}" if key else bucket for key in keys] if bucket else []


def _copied(named: dict, places: dict[str, str], caller: str) -> list[str]:
    source = named["CopySource"]
    read = _objects({"Bucket": source["Bucket"], "Key": source["Key"]}, places, caller)
    return [f"{read[0]} > {_objects(named, places, caller)[0]}"]


def _instance(named: dict, *_: object) -> list[str]:
    return [f"db:{_numbered(named['DBInstanceIdentifier'])}"] if "DBInstanceIdentifier" in named else []


def _snapshot(named: dict, *_: object) -> list[str]:
    identifier = named.get("TargetDBSnapshotIdentifier", named.get("DBSnapshotIdentifier", ""))
    source = [f"db:{named['DBInstanceIdentifier']}"] if "DBInstanceIdentifier" in named else []
    return [*source, f"snapshot:{_numbered(identifier)}"]


def _restored(named: dict, *_: object) -> list[str]:
    """From what > into what."""
    snapshot = named.get("DBSnapshotIdentifier", "")
    source = f"snapshot:{_numbered(snapshot)}" if snapshot else f"db:{named['SourceDBInstanceIdentifier']}"
    new = named.get("TargetDBInstanceIdentifier", named.get("DBInstanceIdentifier", ""))
    return [f"{source} > db:{re.sub(r'(?<=-restored-).*', '…', new)}"]


def _numbered(name: str) -> str:
    """Without what differs from run to run: times, random endings."""
    return re.sub(r"-(v\d+(-\d+)?|[0-9a-f]{6}|\d[\d-]*)$", "-…", name)


def _named(key: str, prefix: str = "") -> Callable[..., list[str]]:
    return lambda named, *_: [prefix + str(named[key])] if key in named else []


def _queue(named: dict, _places: dict[str, str], caller: str) -> list[str]:
    """Tests use one of the shop's queues; what is done with it is done with each. The audit asks of all there are."""
    if "/audit/" in caller or "QueueUrl" not in named:
        return [ANY]
    name = named["QueueUrl"].rpartition("/")[2]
    kind = "-dead" if name.endswith("-dead") else ""
    return [f"{{name}}-{queue}{kind}" for queue in QUEUES]


def _group(named: dict, *_: object) -> list[str]:
    """What the timetable stops is no environment's: its tags name it."""
    return [named.get("AutoScalingGroupName", "dev")]


TARGETS: dict[str, Callable[..., list[str]]] = {
    "s3": lambda named, *more: _objects(named, *more) if "Bucket" in named else [ANY],
    "s3.CopyObject": _copied,
    "s3.GetBucketLocation": lambda *_: [ANY],
    # By their tags: of a backup, or of an image.
    "ec2.DeleteSnapshot": lambda named, places, caller: ["image" if caller.startswith("deploy/bin/") else "backup"],
    "rds.CreateDBSnapshot": _snapshot,
    "rds.CopyDBSnapshot": _snapshot,
    "rds.DeleteDBSnapshot": _snapshot,
    "rds.CreateDBInstance": _instance,
    "rds.RestoreDBInstanceFromDBSnapshot": _restored,
    "rds.RestoreDBInstanceToPointInTime": _restored,
    "rds.DeleteDBInstance": _instance,
    "rds.StartDBInstance": _instance,
    "rds.StopDBInstance": _instance,
    "rds.AddTagsToResource": lambda *_: ["db:dev"],
    "rds.RemoveTagsFromResource": lambda *_: ["db:dev"],
    "sqs": _queue,
    "sns.Publish": lambda *_: ["{name}-alarms"],
    "ssm.GetParameter": _named("Name"),
    "ssm.PutParameter": _named("Name"),
    "ssm.DeleteParameter": _named("Name"),
    "ssm.GetParametersByPath": _named("Path"),
    **{
        f"secretsmanager.{operation}": _named("SecretId")
        for operation in (
            *("DescribeSecret", "GetSecretValue", "ListSecretVersionIds"),
            *("PutSecretValue", "UpdateSecretVersionStage"),
        )
    },
    "logs.DescribeLogGroups": lambda *_: [ANY],
    "logs": lambda *_: ["/webmarket/{name}/workers"],
    "autoscaling.UpdateAutoScalingGroup": _group,
    "autoscaling.CreateOrUpdateTags": _group,
    "autoscaling.DeleteTags": _group,
    "autoscaling.StartInstanceRefresh": _group,
    "autoscaling.RollbackInstanceRefresh": _group,
    "autoscaling.CompleteLifecycleAction": _group,
}

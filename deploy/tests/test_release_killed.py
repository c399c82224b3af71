"""v2 is released over v1, and killed after each of its steps: what it leaves, and what roll_back makes of it.

The table stands in deploy/README.md; each row of it is what happens here.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import boto3
import botocore.client
import pytest

from .conftest import NEW, OLD

README = Path(__file__).resolve().parents[1] / "README.md"
TABLE = re.compile(r"<!-- killed -->\n\n(.*?)\n\n<!-- /killed -->", re.DOTALL)
READS = ("Describe", "Get", "List")
RECORD, LOCK = "/webmarket/staging/release", "/webmarket/staging/release-lock"
FORMER = "ami-0cccccccccccccccc"
IMAGES = {FORMER: "v0", OLD: "v1", NEW: "v2"}
URL = "https://staging.shop.example"
# What has been done when the process dies, in the order of roll_out.
STEPS = (
    "nothing",
    "lock",
    "snapshot",
    "migrations",
    "workers' template",
    "workers' refresh begun",
    "workers' refresh ended",
    "web's template",
    "web's refresh begun",
    "web's refresh ended",
    "smoke test",
    "image-id",
    "record",
    "lock given back",
)
BEGUN = {"workers' refresh begun", "web's refresh begun"}


class Killed(BaseException):
    """SIGKILL: no handler runs, and no call is made any more."""


class Process:
    """Ends before the change that comes after `last`; what it would still do on its way out is not done either."""

    def __init__(self, last: str) -> None:
        self.left = [one for one in STEPS[1 : STEPS.index(last) + 1] if not one.endswith("refresh ended")]
        self.done: list[str] = []
        self.dead = False

    def change(self) -> None:
        if self.dead or not self.left:
            self.dead = True
            raise Killed
        self.done.append(self.left.pop(0))


@pytest.fixture
def kill(step, refreshes, monkeypatch):
    """Release v2 over v1, and die once this is done; returns the steps that were made."""
    ssm = boto3.client("ssm")
    current = {"release": "v1", "image": OLD, "before": {"release": "v0", "image": FORMER}}
    ssm.put_parameter(Name=RECORD, Value=json.dumps(current), Type="String")

    def run(last: str) -> list[str]:
        process, real = Process(last), botocore.client.BaseClient._make_api_call
        release = step("roll_out")

        def call(self, operation: str, asked: dict) -> dict:
            if process.dead:
                raise Killed
            if not operation.startswith(READS) and operation != "UpdateAutoScalingGroup":
                process.change()
                if operation == "StartInstanceRefresh" and not process.left and last in BEGUN:
                    # Under way: the group has its new version when it ends.
                    refreshes.going.add(asked["AutoScalingGroupName"])
                    return {"InstanceRefreshId": "refresh"}
            if operation == "DescribeInstanceRefreshes" and refreshes.going and "InstanceRefreshIds" in asked:
                process.change()
            return real(self, operation, asked)

        with monkeypatch.context() as patched:
            patched.setattr(botocore.client.BaseClient, "_make_api_call", call)
            patched.setattr(release.Step, "run", lambda *_, **__: process.change() or 0)
            patched.setattr("sys.argv", ["roll_out", "--environment", "staging", "--release", "v2", "--url", URL])
            try:
                release.main()
            except Killed:
                process.dead = True
        return process.done

    return run


@pytest.fixture
def roll_back(step, monkeypatch, capsys):
    def run() -> str:
        """What it says that it goes back from, or why it does nothing."""
        monkeypatch.setattr("sys.argv", ["roll_back", "--environment", "staging"])
        program = step("roll_back")
        capsys.readouterr()
        try:
            program.main()
        except program.Refused as refused:
            return str(refused).partition(":")[0]
        output = capsys.readouterr().err
        rolled = ["the refresh is rolled back; "] if "roll back the instance refresh" in output else [""]
        moved = re.search(r"staging: (from .*?) \(", output)
        return rolled[0] + (moved[1] if moved else "nothing more")

    return run


def fleets() -> str:
    """The release of each fleet's group, and whether its template's newest version is another."""
    ec2, found = boto3.client("ec2"), {}
    for group in boto3.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]:
        role = group["AutoScalingGroupName"].rpartition("-")[2]
        name, version = group["LaunchTemplate"]["LaunchTemplateName"], group["LaunchTemplate"]["Version"]
        runs, newest = (
            IMAGES[
                ec2.describe_launch_template_versions(LaunchTemplateName=name, Versions=[one])[
                    "LaunchTemplateVersions"
                ][0]["LaunchTemplateData"]["ImageId"]
            ]
            for one in (version, "$Latest")
        )
        found[role] = runs if runs == newest else f"{runs}, template {newest}"
    return f"{found['workers']} · {found['web']}"


def parameter(name: str) -> dict:
    found = boto3.client("ssm").get_parameters(Names=[name])["Parameters"]
    return json.loads(found[0]["Value"]) if found else {}


def rows() -> dict[str, str]:
    table = TABLE.search(README.read_text())
    lines = table[1].splitlines()[2:] if table else []
    return {line.split("|")[1].strip(): line for line in lines}


@pytest.mark.parametrize("last", STEPS)
def test_a_killed_release_leaves_what_roll_back_undoes(kill, roll_back, refreshes, last):
    done = kill(last)
    assert done == [one for one in STEPS[1 : STEPS.index(last) + 1] if not one.endswith("refresh ended")]
    left, record = fleets(), parameter(RECORD)["release"]
    lock = "held" if parameter(LOCK) else "free"
    turned = roll_back()
    ended = f"{parameter(RECORD)['release']}, {fleets()}"
    row = f"| {last} | {left} | {record} | {lock} | {turned} | {ended} |"
    assert rows().get(last) == row
    # One roll_back is enough, and goes one release back: from v2, or from v1 where v2 was never begun.
    target = "v0" if last == "nothing" else "v1"
    assert ended == f"{target}, {target} · {target}"
    assert not parameter(LOCK)
    assert not refreshes.going


def test_the_table_has_each_step_once():
    assert list(rows()) == list(STEPS)

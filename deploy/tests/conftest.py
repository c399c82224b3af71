"""The steps of a release against moto, in whose region stands what Terraform makes for one environment."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import boto3
import botocore.client
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

BIN = Path(__file__).resolve().parents[1] / "bin"
HOST = Path(__file__).resolve().parents[1] / "host"
sys.path.insert(0, str(BIN))
sys.path.insert(0, str(BIN.parent / "platform_tests"))

from aws_calls import recorded
from beyond_moto import ACCOUNT, BeyondMoto
from rules.launching import TESTS_TEMPLATE, refusal

OLD, NEW = "ami-0aaaaaaaaaaaaaaaa", "ami-0bbbbbbbbbbbbbbbb"


def load(path: Path) -> ModuleType:
    """A command without an ending, as a module."""
    loader = SourceFileLoader(f"deploy_{path.stem}", str(path))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    sys.modules[loader.name] = module
    loader.exec_module(module)
    return module


@pytest.fixture
def step() -> Callable[[str], ModuleType]:
    return lambda name: load(BIN / name)


@pytest.fixture
def aws(monkeypatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "stand-in")
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("WEBMARKET_POLL_SECONDS", "0")
    import_module("release").client.cache_clear()
    with mock_aws():
        # What botocore knows of each service is read once, not for each test.
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", session())
        yield


@pytest.fixture(autouse=True)
def refusals(monkeypatch) -> None:
    """What AWS refuses and moto takes, refused here too."""
    real = botocore.client.BaseClient._make_api_call

    def call(self, operation: str, asked: dict) -> dict:
        refuse(operation, asked)
        listed(self, operation)
        return real(self, operation, asked)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)


def listed(client: botocore.client.BaseClient, operation: str) -> None:
    """A call of deploy/bin is among those that a rule asks the policies of its roles for."""
    # release.client gives its clients these; boto3's own and a host's differ.
    if (client.meta.config.connect_timeout, client.meta.config.read_timeout) == (5, 30):
        call = f"{client.meta.service_model.service_name}.{operation}"
        is_recording = "WEBMARKET_CALLS_FILE" in os.environ
        assert is_recording or call in calls_of_releases(), f"deploy/bin calls {call}: permissions --record keeps that"


@cache
def calls_of_releases() -> set[str]:
    return {one.call for one in recorded() if one.caller.startswith("deploy/bin/")}


def refuse(operation: str, asked: dict) -> None:
    started = operation == "StartInstanceRefresh" or (operation == "RunInstances" and "LaunchTemplate" in asked)
    if started and (refused := refusal(operation, asked, template(asked))):
        raise ClientError({"Error": {"Code": refused[0], "Message": refused[1]}}, operation)


def template(asked: dict) -> dict:
    """Data and version of the launch template that a request starts from: its own, or its group's present one."""
    named = asked.get("LaunchTemplate")
    if named is None:
        found = boto3.client("autoscaling").describe_auto_scaling_groups(
            AutoScalingGroupNames=[asked["AutoScalingGroupName"]]
        )
        named = found["AutoScalingGroups"][0]["LaunchTemplate"]
    versions = boto3.client("ec2").describe_launch_template_versions(
        LaunchTemplateId=named["LaunchTemplateId"], Versions=[named["Version"]]
    )
    return {**versions["LaunchTemplateVersions"][0]["LaunchTemplateData"], "Version": named["Version"]}


@cache
def session() -> boto3.Session:
    return boto3.Session()


@pytest.fixture
def staging(aws) -> None:
    """Two fleets, a database and an image, named as Terraform names them."""
    ec2, autoscaling = boto3.client("ec2"), boto3.client("autoscaling")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    boto3.client("iam").create_instance_profile(InstanceProfileName="webmarket-staging-migrate")
    data = json.loads(TESTS_TEMPLATE.read_text())
    for role in ("web", "workers"):
        name = f"webmarket-staging-{role}"
        ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
        autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=0,
            MaxSize=4,
            LaunchTemplate={"LaunchTemplateName": name, "Version": "1"},
            VPCZoneIdentifier=subnet,
        )
    boto3.client("rds").create_db_instance(
        DBInstanceIdentifier="webmarket-staging",
        DBInstanceClass="db.t4g.small",
        Engine="mysql",
        MasterUsername="shop",
        MasterUserPassword="password",
        AllocatedStorage=20,
    )
    boto3.client("ssm").put_parameter(Name="/webmarket/images/v2", Value=NEW, Type="String")


class Refreshes:
    """Instance refreshes and Session Manager's fleet, which moto does not know: what was asked, and how it ends."""

    def __init__(self) -> None:
        self.started: list[dict] = []
        self.turned: list[str] = []
        self.failing: set[str] = set()
        # Fleets whose refresh AWS refuses to start, and those that it refuses after such a refusal.
        self.refused: set[str] = set()
        self.refused_then: set[str] = set()
        self.going: set[str] = set()

    def image_started(self, number: int = -1) -> str:
        template = self.started[number]["DesiredConfiguration"]["LaunchTemplate"]
        versions = boto3.client("ec2").describe_launch_template_versions(
            LaunchTemplateId=template["LaunchTemplateId"], Versions=[template["Version"]]
        )
        return versions["LaunchTemplateVersions"][0]["LaunchTemplateData"]["ImageId"]

    @property
    def fleets(self) -> list[str]:
        return [asked["AutoScalingGroupName"].rpartition("-")[2] for asked in self.started]

    def answer(self, operation: str, asked: dict) -> dict | None:
        if operation == "StartInstanceRefresh":
            name = asked["AutoScalingGroupName"]
            if name in self.refused:
                self.refused |= self.refused_then
                error = {"Code": "InstanceRefreshInProgress", "Message": "An Instance Refresh is already in progress"}
                raise ClientError({"Error": error}, operation)
            self.started.append(asked)
            if name not in self.failing:
                boto3.client("autoscaling").update_auto_scaling_group(
                    AutoScalingGroupName=name, **asked["DesiredConfiguration"]
                )
            return {"InstanceRefreshId": "refresh"}
        if operation == "DescribeInstanceRefreshes":
            name = asked["AutoScalingGroupName"]
            if "InstanceRefreshIds" not in asked:
                return {"InstanceRefreshes": [{"Status": "InProgress"}] if name in self.going else []}
            status = "RollbackSuccessful" if name in self.failing else "Successful"
            return {"InstanceRefreshes": [{"Status": status, "StatusReason": "An alarm went off."}]}
        if operation == "RollbackInstanceRefresh":
            self.turned.append(asked["AutoScalingGroupName"])
            self.going.discard(asked["AutoScalingGroupName"])
            return {"InstanceRefreshId": "refresh"}
        if operation == "DescribeInstanceInformation":
            return {"InstanceInformationList": [{"PingStatus": "Online"}]}
        return None


@pytest.fixture
def refreshes(staging, monkeypatch) -> Refreshes:
    refreshes, real = Refreshes(), botocore.client.BaseClient._make_api_call

    def call(self, operation: str, asked: dict) -> dict:
        refuse(operation, asked)
        listed(self, operation)
        answer = refreshes.answer(operation, asked)
        return real(self, operation, asked) if answer is None else answer

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)
    return refreshes


@pytest.fixture
def programs(monkeypatch) -> list[tuple[str, ...]]:
    """What a step runs beside its own calls; `programs.codes` says how a program ends."""
    ran = Programs()

    def run(self, *command: str, **_: object) -> int:
        name = Path(command[0]).name
        if not self.dry:
            ran.append((name, *command[1:]))
        return ran.codes.get(name, 0)

    monkeypatch.setattr(import_module("release").Step, "run", run)
    return ran


class Programs(list):
    def __init__(self) -> None:
        super().__init__()
        self.codes: dict[str, int] = {}


@pytest.fixture
def beyond_moto(aws, monkeypatch) -> BeyondMoto:
    found, real = BeyondMoto(), botocore.client.BaseClient._make_api_call

    def call(self, operation: str, given: dict) -> dict:
        listed(self, operation)
        answer = found.answer(operation, given)
        return found.amend(operation, real(self, operation, given)) if answer is None else answer

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)
    return found


@pytest.fixture
def bootstrap(step, beyond_moto, monkeypatch, capsys):
    def run(*more: str, account: str = ACCOUNT) -> tuple[int, str]:
        arguments = [
            "--account",
            account,
            "--email",
            "a@shop.example",
            "--budget",
            "1500",
            "--repository",
            "owner/shop",
        ]
        monkeypatch.setattr("sys.argv", ["bootstrap", *arguments, *more])
        return step("bootstrap").main(), capsys.readouterr().err

    return run

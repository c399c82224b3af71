"""deploy/bin/manage runs a command of the shop on a host."""

import shlex
from importlib import import_module

import boto3
import pytest


def refused():
    return import_module("release").Refused


@pytest.fixture
def manage(step, refreshes, monkeypatch, capsys):
    def run(*more: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["manage", "--environment", "staging", *more])
        return step("manage").main(), capsys.readouterr().out

    return run


def test_a_command_runs_as_the_shop_on_a_host_in_service(manage):
    autoscaling, ssm = boto3.client("autoscaling"), boto3.client("ssm")
    with pytest.raises(refused(), match="webmarket-staging-workers has no instance in service"):
        manage("--", "create_owner")
    autoscaling.set_desired_capacity(AutoScalingGroupName="webmarket-staging-workers", DesiredCapacity=1)
    assert manage("--", "create_owner", "--another")[0] == 0
    (sent,) = ssm.list_commands()["Commands"]
    # Who looks into Session Manager's list sees what it was.
    assert sent["Comment"] == "manage.py create_owner"
    words = shlex.split(sent["Parameters"]["commands"][0])
    assert words[0] == "systemd-run"
    assert "--property=User=webmarket" in words
    assert "--property=EnvironmentFile=/run/webmarket/env" in words
    assert words[-3:] == ["manage.py", "create_owner", "--another"]


def test_the_shell_of_the_host_reads_an_argument_as_one_word(step):
    line = step("manage").shell_line(["report_sales", "--first", "2026-11-01; reboot"])
    assert shlex.split(line)[-1] == "2026-11-01; reboot"

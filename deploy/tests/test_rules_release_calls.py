"""What the release scripts call, and may."""

import json

import pytest
from rules import release_calls

from .planned import said_by, world


def deploying(*statements: dict):
    return world(
        ("aws_iam_role.this", {"name": "webmarket-staging-github-deploy"}),
        ("aws_iam_role_policy.this", {"policy": json.dumps({"Statement": list(statements)})}),
        references={"aws_iam_role_policy.this": {"role": "aws_iam_role.this.id"}},
        name="staging",
    )


@pytest.mark.parametrize("call", ["ec2.TerminateInstances", "ssm.SendCommand", "autoscaling.UpdateAutoScalingGroup"])
def test_a_call_without_its_right_is_named(call):
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    assert said_by(release_calls.a_release_may_do_what_it_does, deploying(everything)) == []
    action = release_calls.CALLS[call][0][0]
    without = deploying(everything, {"Effect": "Deny", "Action": action, "Resource": "*"})
    assert any(call in said for said in said_by(release_calls.a_release_may_do_what_it_does, without))

"""Whom keys admit."""

import json

from environment_plan import REGION
from rules import keys
from rules.world import World

from .planned import problems_of, world


def test_a_key_admits_the_logs_that_it_encrypts():
    def key(*services: str) -> World:
        document = {"Statement": [{"Effect": "Allow", "Principal": {"Service": list(services)}}]}
        return world(
            ("aws_kms_key.this", {"policy": json.dumps(document)}),
            ("aws_cloudwatch_log_group.this", {}),
            references={"aws_cloudwatch_log_group.this": {"kms_key_id": "aws_kms_key.this.arn"}},
        )

    assert problems_of(keys.keys_admit_their_users, key(f"logs.{REGION}.amazonaws.com")) == []
    assert len(problems_of(keys.keys_admit_their_users, key("s3.amazonaws.com"))) == 1

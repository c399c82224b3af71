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


def test_a_key_admits_the_edge_that_reads_what_it_encrypts():
    def key(*services: str, origin: str = "aws_s3_bucket.copy") -> World:
        document = {"Statement": [{"Effect": "Allow", "Principal": {"Service": list(services)}}]}
        encrypting = "rule.apply_server_side_encryption_by_default.kms_master_key_id"
        encryption = "aws_s3_bucket_server_side_encryption_configuration.copy"
        return world(
            ("aws_kms_key.this", {"policy": json.dumps(document)}),
            ("aws_cloudfront_distribution.this", {}),
            (encryption, {}),
            references={
                "aws_cloudfront_distribution.this": {"origin.domain_name": f"{origin}.bucket_regional_domain_name"},
                encryption: {"bucket": "aws_s3_bucket.copy.id", encrypting: "aws_kms_key.this.arn"},
            },
        )

    assert problems_of(keys.the_edge_decrypts_what_it_reads, key("cloudfront.amazonaws.com")) == []
    assert len(problems_of(keys.the_edge_decrypts_what_it_reads, key("logs.amazonaws.com"))) == 1
    # One that the edge does not read.
    assert problems_of(keys.the_edge_decrypts_what_it_reads, key(origin="aws_s3_bucket.other")) == []

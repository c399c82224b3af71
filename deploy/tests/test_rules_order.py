"""What waits for what."""

import json

from rules import order

from .planned import problems_of, world

LOGS_POLICY = {
    "policy": json.dumps(
        {
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}},
                {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::009996457667:root"}},
            ]
        }
    )
}
BALANCER = ("aws_lb.this", {"access_logs": [{"enabled": True}]})


def test_a_balancer_waits_for_the_policy_of_its_logs_bucket():
    bucket = ("aws_s3_bucket_policy.logs", LOGS_POLICY)
    assert len(problems_of(order.writers_wait_for_the_bucket_policy, world(BALANCER, bucket))) == 1
    through = (("aws_lb.this", "aws_s3_bucket.logs"), ("aws_s3_bucket.logs", "aws_s3_bucket_policy.logs"))
    assert problems_of(order.writers_wait_for_the_bucket_policy, world(BALANCER, bucket, waits=through)) == []


def test_somebody_must_let_the_balancer_write():
    assert "no bucket's policy" in problems_of(order.writers_wait_for_the_bucket_policy, world(BALANCER))[0]


def test_a_monitored_database_waits_for_the_rights_of_its_role():
    resources = [("aws_db_instance.this", {}), ("aws_iam_role_policy_attachment.monitoring", {})]
    references = {
        "aws_db_instance.this": {"monitoring_role_arn": "aws_iam_role.monitoring.arn"},
        "aws_iam_role_policy_attachment.monitoring": {"role": "aws_iam_role.monitoring.name"},
    }
    check = order.roles_hold_their_rights_before_they_act
    assert len(problems_of(check, world(*resources, references=references))) == 1
    waits = [("aws_db_instance.this", "aws_iam_role_policy_attachment.monitoring")]
    assert problems_of(check, world(*resources, references=references, waits=waits)) == []


def test_instances_wait_for_the_rights_of_their_profile():
    resources = [
        ("aws_autoscaling_group.this", {}),
        ("aws_launch_template.this", {}),
        ("aws_iam_instance_profile.web", {}),
        ("aws_iam_role_policy.shop", {}),
    ]
    references = {
        "aws_launch_template.this": {"iam_instance_profile.arn": "aws_iam_instance_profile.web.arn"},
        "aws_iam_instance_profile.web": {"role": "aws_iam_role.web.name"},
        "aws_iam_role_policy.shop": {"role": "aws_iam_role.web.id"},
    }
    waits = [("aws_autoscaling_group.this", "aws_launch_template.this")]
    check = order.roles_hold_their_rights_before_they_act
    assert len(problems_of(check, world(*resources, references=references, waits=waits))) == 1
    waits.append(("aws_launch_template.this", "aws_iam_role_policy.shop"))
    assert problems_of(check, world(*resources, references=references, waits=waits)) == []


def test_instances_wait_for_their_way_out():
    resources = [("aws_autoscaling_group.this", {}), ("aws_route.app", {})]
    check = order.instances_wait_for_their_way_out
    assert len(problems_of(check, world(*resources))) == 1
    assert problems_of(check, world(*resources, waits=[("aws_autoscaling_group.this", "aws_route.app")])) == []

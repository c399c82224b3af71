"""What every environment must be."""

import json

from rules import environments

from .planned import problems_of, world


def test_instances_stand_in_private_subnets():
    group = ("aws_autoscaling_group.this", {})
    check = environments.each_part_stands_in_its_tier

    def placed(tier: str):
        return world(group, references={"aws_autoscaling_group.this": {"vpc_zone_identifier": f"aws_subnet.{tier}.id"}})

    assert problems_of(check, placed("app")) == []
    assert len(problems_of(check, placed("public"))) == 1
    assert len(problems_of(check, world(group))) == 1
    assert problems_of(check, world(("aws_vpc_endpoint.s3", {"vpc_endpoint_type": "Gateway"}))) == []


def test_the_database_has_a_standby():
    def database(standby: bool):
        return world(("aws_db_instance.this", {"multi_az": standby}))

    assert problems_of(environments.the_database_has_a_standby, database(True)) == []
    assert len(problems_of(environments.the_database_has_a_standby, database(False))) == 1


def test_release_scripts_find_what_they_name():
    alarms = json.loads(environments.ROLLBACK_ALARMS.read_text())
    there = [
        ("aws_autoscaling_group.web", {"name": "webmarket-staging-web"}),
        ("aws_autoscaling_group.workers", {"name": "webmarket-staging-workers"}),
        ("aws_db_instance.this", {"identifier": "webmarket-staging"}),
        ("aws_ssm_parameter.image", {"name": "/webmarket/staging/image-id"}),
        *(
            (f'aws_cloudwatch_metric_alarm.this["{name}"]', {"alarm_name": f"webmarket-staging-{name}"})
            for name in alarms
        ),
    ]
    check = environments.release_scripts_find_what_they_name
    assert problems_of(check, world(*there, name="staging")) == []
    for number in range(len(there)):
        assert len(problems_of(check, world(*there[:number], *there[number + 1 :], name="staging"))) == 1


def test_what_is_versioned_is_copied():
    versioned = [(f'aws_s3_bucket_versioning.this["{key}"]', {}) for key in ("files", "lake")]
    copied = [(f'aws_s3_bucket_replication_configuration.this["{key}"]', {}) for key in ("files", "lake")]
    check = environments.what_is_versioned_is_copied
    assert problems_of(check, world(*versioned)) == []
    assert problems_of(check, world(*versioned, *copied)) == []
    assert len(problems_of(check, world(*versioned, *copied[:1]))) == 1

"""Policies are evaluated as AWS documents it (the pages are named in rules/policies.py)."""

from __future__ import annotations

import pytest
from rules.policies import Grants, Policy, evaluate, managed

ROLE = "arn:aws:iam::123456789012:role/webmarket-staging-web"
OBJECT = "arn:aws:s3:::files/media/a.webp"
READ = {"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}
ALL = {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}


def allow(**more: object) -> dict:
    """`NotAction` and the like stand in place of `Action`."""
    return {name: value for name, value in {**READ, **more}.items() if f"Not{name}" not in more}


def deny(**more: object) -> dict:
    return allow(Sid="Never", Effect="Deny", **more)


def may(*statements: dict, action="s3:GetObject", resource=OBJECT, context=None, boundary=None, own=None) -> bool:
    return decision(statements, action, resource, context, boundary, own).allowed


def decision(statements, action="s3:GetObject", resource=OBJECT, context=None, boundary=None, own=None):
    above = None if boundary is None else [Policy("ceiling", [boundary])]
    of_resource = None if own is None else [Policy("bucket", own)]
    return evaluate(
        Grants([Policy("role", list(statements))], above, of_resource), ROLE, action, resource, context or {}
    )


def test_nothing_is_allowed_that_nobody_allows():
    assert not may()
    assert may(READ)
    assert not may(READ, action="s3:PutObject")


def test_a_denial_wins_wherever_it_stands():
    everybody = {"Principal": "*"}
    assert not may(ALL, deny())
    assert not may(ALL, boundary=deny())
    assert not may(ALL, own=[deny(**everybody)])
    assert may(ALL, own=[deny(**everybody, Action="s3:DeleteObject")])
    assert decision([ALL, deny()]).by == "denied by role/Never"


def test_a_ceiling_limits_and_grants_nothing():
    assert may(READ, boundary=ALL)
    assert not may(READ, boundary=allow(Action="sqs:*"))
    assert not may(boundary=ALL)


def test_a_resource_may_admit_a_role_of_its_account_by_itself():
    assert may(own=[allow(Principal={"AWS": ROLE})])
    assert not may(own=[allow(Principal={"AWS": "arn:aws:iam::123456789012:role/another"})])
    # The account as a whole leaves it to the policies of its roles.
    assert not may(own=[allow(Principal={"AWS": "arn:aws:iam::123456789012:root"})])
    assert not may(ALL, own=[deny(NotPrincipal={"AWS": "arn:aws:iam::123456789012:role/another"})])
    assert may(ALL, own=[deny(NotPrincipal={"AWS": ROLE})])


def test_a_key_must_let_the_account_in():
    key = "arn:aws:kms:eu-west-3:123456789012:key/1"
    account = allow(Action="kms:*", Principal={"AWS": "arn:aws:iam::123456789012:root"})
    service = allow(Action="kms:*", Principal={"Service": "logs.amazonaws.com"})
    assert may(ALL, action="kms:Decrypt", resource=key, own=[account])
    assert not may(ALL, action="kms:Decrypt", resource=key, own=[service])


def test_patterns_of_actions_and_resources():
    assert may(allow(Action=["sqs:*", "S3:getobject"]))
    assert may(allow(NotAction="s3:Put*"))
    assert not may(allow(NotAction=["s3:Get*"]))
    assert may(allow(Resource="arn:aws:s3:::files/media/?.webp"))
    assert not may(allow(Resource="arn:aws:s3:::files/media/.*"))
    assert not may(deny(NotResource=["arn:aws:s3:::other/*"]), ALL)
    assert may(deny(NotResource=["arn:aws:s3:::files/*"]), ALL)


def test_a_variable_is_filled_in_or_matches_nothing():
    own = allow(Resource="arn:aws:s3:::files/${aws:PrincipalTag/Folder}/*")
    assert may(own, context={"aws:PrincipalTag/Folder": "media"})
    assert not may(own, context={"aws:PrincipalTag/Folder": "static"})
    assert not may(own)
    assert may(allow(Resource="arn:aws:s3:::${aws:PrincipalTag/Shop, 'files'}/*"))


@pytest.mark.parametrize(
    ("test", "wanted", "given", "holds"),
    [
        ("StringEquals", "dev", "dev", True),
        ("StringEquals", ["a", "dev"], "dev", True),
        ("StringEquals", "dev", "DEV", False),
        ("StringEqualsIgnoreCase", "dev", "DEV", True),
        ("StringEquals", "dev", None, False),
        ("StringEqualsIfExists", "dev", None, True),
        ("StringEqualsIfExists", "dev", "production", False),
        ("StringNotEquals", "dev", "production", True),
        ("StringNotEquals", ["dev", "production"], "production", False),
        # What is not there is not equal to anything.
        ("StringNotEquals", "dev", None, True),
        ("StringLike", "web-*", "web-1", True),
        ("StringLike", "web-?", "web-12", False),
        ("StringNotLike", "web-*", None, True),
        ("ArnLike", "arn:aws:ec2:*:*:launch-template/*", "arn:aws:ec2:eu-west-3:1:launch-template/lt-1", True),
        # A wildcard does not reach over a colon of an ARN.
        ("ArnLike", "arn:aws:*:launch-template/*", "arn:aws:ec2:eu-west-3:1:launch-template/lt-1", False),
        ("ArnEquals", "arn:aws:sns:*:1:alarms", "arn:aws:sns:eu-west-3:1:alarms", True),
        ("Bool", "false", "true", False),
        ("Bool", "true", "true", True),
        ("Bool", "false", None, False),
        ("Null", "true", None, True),
        ("Null", "true", "x", False),
        ("Null", "false", "x", True),
        ("IpAddress", "192.0.2.0/24", "192.0.2.7", True),
        ("NotIpAddress", "192.0.2.0/24", "192.0.2.7", False),
        ("NumericLessThanEquals", "3600", "900", True),
        ("NumericGreaterThan", "3600", "900", False),
        ("ForAnyValue:StringEquals", "Name", ["Name", "Owner"], True),
        ("ForAnyValue:StringEquals", "Name", None, False),
        ("ForAllValues:StringEquals", ["Name", "Owner"], ["Name"], True),
        ("ForAllValues:StringEquals", "Name", ["Name", "Owner"], False),
        ("ForAllValues:StringEquals", "Name", None, True),
    ],
)
def test_conditions(test, wanted, given, holds):
    statement = allow(Condition={test: {"aws:Some/Key": wanted}})
    # Names of keys have no case.
    assert may(statement, context={} if given is None else {"AWS:some/key": given}) is holds


def test_all_conditions_must_hold():
    statement = allow(Condition={"StringEquals": {"a": "1", "b": "2"}, "Bool": {"c": "true"}})
    assert may(statement, context={"a": "1", "b": "2", "c": "true"})
    assert not may(statement, context={"a": "1", "b": "2", "c": "false"})
    assert not may(statement, context={"a": "1", "c": "true"})


def test_policies_that_aws_keeps_are_known():
    assert "ssm:GetParameter" in managed("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")

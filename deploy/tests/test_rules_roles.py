"""What roles may do."""

import json

from rules import roles
from rules.policies import allowed, managed
from rules.world import World

from .planned import problems_of, world


def test_policies_are_evaluated_as_iam_does():
    read = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}
    only = {"Effect": "Deny", "Action": ["s3:GetObject"], "NotResource": ["arn:aws:s3:::*/own"]}
    tagged = {**read, "Condition": {"StringEquals": {"aws:ResourceTag/Role": ["migrate"]}}}
    assert allowed([[read]], "s3:getobject", "arn:aws:s3:::b/other")
    assert not allowed([[read], [only]], "s3:GetObject", "arn:aws:s3:::b/other")
    assert allowed([[read], [only]], "s3:GetObject", "arn:aws:s3:::b/own")
    assert not allowed([[tagged]], "s3:GetObject", "x")
    assert allowed([[tagged]], "s3:GetObject", "x", {"aws:ResourceTag/Role": "migrate"})
    unless = {**read, "Effect": "Deny", "Condition": {"StringNotLike": {"aws:PrincipalArn": "arn:*:root"}}}
    assert allowed([[read, unless]], "s3:GetObject", "x", {"aws:PrincipalArn": "arn:aws:iam::1:root"})
    assert not allowed([[read, unless]], "s3:GetObject", "x", {"aws:PrincipalArn": "arn:aws:iam::1:user/x"})


def test_policies_that_aws_keeps_are_known():
    assert "ssm:GetParameter" in managed("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")


def role(kind: str, *statements: dict) -> World:
    return world(
        ("aws_iam_role.this", {"name": f"webmarket-staging-{kind}"}),
        ("aws_iam_role_policy.this", {"policy": json.dumps({"Statement": list(statements)})}),
        references={"aws_iam_role_policy.this": {"role": "aws_iam_role.this.id"}},
        name="staging",
    )


EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
NOTHING = {"Effect": "Deny", "Action": "*", "Resource": "*"}


def test_a_role_that_plans_can_plan_and_reads_its_own_alone():
    assert problems_of(roles.plan_does_its_work, role("github-plan", EVERYTHING)) == []
    assert problems_of(roles.plan_does_its_work, role("github-plan", NOTHING))
    foreign = " ".join(problems_of(roles.plan_reads_its_own_alone, role("github-plan", EVERYTHING)))
    assert "webmarket/production.tfstate" in foreign
    assert "rds!db-" in foreign
    assert problems_of(roles.plan_reads_its_own_alone, role("github-plan", NOTHING)) == []


def test_hosts_read_their_own_alone():
    for service in ("web", "workers"):
        assert any("production" in problem for problem in roles.hosts_read_their_own_alone(role(service, EVERYTHING)))
        assert any("may not" in problem for problem in roles.hosts_read_their_own_alone(role(service, NOTHING)))


def test_a_pull_request_becomes_the_role_that_plans_alone():
    def trusted(kind: str) -> World:
        condition = {"StringEquals": {"token.actions.githubusercontent.com:sub": ["repo:a/b:pull_request"]}}
        trust = {"Statement": [{"Effect": "Allow", "Condition": condition}]}
        named = {"name": f"webmarket-staging-github-{kind}", "assume_role_policy": json.dumps(trust)}
        return world(("aws_iam_role.this", named))

    assert problems_of(roles.pull_requests_plan_and_no_more, trusted("plan")) == []
    assert len(problems_of(roles.pull_requests_plan_and_no_more, trusted("build"))) == 1


def test_no_role_hands_out_another():
    own = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::*:role/webmarket-staging-*"}
    assert problems_of(roles.no_role_hands_out_another, role("github-build", own)) == []
    assert len(problems_of(roles.no_role_hands_out_another, role("github-build", {**own, "Resource": "*"}))) == 1
    assert len(problems_of(roles.no_role_hands_out_another, role("github-build", EVERYTHING))) == 2
    attached = ("aws_iam_role_policy_attachment.x", {"policy_arn": "arn:aws:iam::aws:policy/AmazonSSMFullAccess"})
    assert len(problems_of(roles.no_role_hands_out_another, world(attached))) == 1


def test_production_trusts_an_environment_and_no_branch():
    def deploying(subject: str) -> World:
        trust = {"Statement": [{"Condition": {"StringEquals": {"sub": f"repo:a/b:{subject}"}}}]}
        named = {"name": "webmarket-production-github-deploy", "assume_role_policy": json.dumps(trust)}
        return world(("aws_iam_role.this", named), name="production")

    check = roles.production_trusts_an_approved_environment
    assert problems_of(check, deploying("environment:production")) == []
    assert len(problems_of(check, deploying("ref:refs/heads/main"))) == 1


def test_workers_may_do_their_work_within_their_ceiling():
    check = roles.workers_may_do_their_work
    assert any("rds:CreateDBSnapshot" in problem for problem in problems_of(check, role("workers", NOTHING)))
    of_others = problems_of(check, role("workers", EVERYTHING))
    assert len(of_others) == 2
    assert all("of others" in problem for problem in of_others)
    tag = {"Condition": {"StringEquals": {"aws:ResourceTag/MadeBy": roles.BACKUPS_TAG}}}
    snapshot = {"Condition": {"StringEquals": {"rds:db-snapshot-tag/MadeBy": roles.BACKUPS_TAG}}}
    rest = {"Effect": "Allow", "NotAction": ["ec2:DeleteSnapshot", "rds:DeleteDBSnapshot"], "Resource": "*"}
    own = (
        rest,
        {"Effect": "Allow", "Action": "ec2:DeleteSnapshot", "Resource": "*", **tag},
        {"Effect": "Allow", "Action": "rds:DeleteDBSnapshot", "Resource": "*", **snapshot},
    )
    assert problems_of(check, role("workers", *own)) == []
    low = ("aws_iam_policy.boundary", {"policy": json.dumps({"Statement": [{**NOTHING}]})})
    under = role("workers", *own)
    under.resources.append(world(low).resources[0])
    assert any("ceiling" in problem for problem in problems_of(check, under))

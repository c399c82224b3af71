"""Checks of the audit on what moto cannot plant, and how findings are put together."""

from datetime import UTC, datetime

import pytest

from apps.operations.services.audit.checks import access, identity, network, upkeep
from apps.operations.services.audit.inventory import Inventory
from apps.operations.services.audit.report import grouped, unknown_sentence
from apps.operations.services.audit.statements import admits_anybody

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)
HERE = {"Region": "eu-west-3"}


def inventory(**things) -> Inventory:
    return Inventory(account="123456789012", now=NOW, **things)


def checks_of(found) -> list[str]:
    return [each.check for each in found]


def test_without_a_trail_of_all_regions_nobody_notes_what_is_done():
    trail = {**HERE, "Arn": "a", "Name": "a", "IsLogging": True, "IsMultiRegionTrail": True}
    for trails, found in (
        ([], ["no_trail"]),
        ([trail], []),
        ([{**trail, "IsMultiRegionTrail": False}], ["no_trail"]),
        ([{**trail, "IsLogging": False}], ["stopped_trail", "no_trail"]),
        ([{**trail, "IsLogging": None}], []),
    ):
        assert checks_of(upkeep.trails(inventory(trails=trails, trails_readable=True))) == found
    assert checks_of(upkeep.trails(inventory())) == []


def test_a_region_without_guardduty():
    watched = inventory(watched_by_guardduty={"eu-west-3": True, "eu-central-1": False})
    (found,) = upkeep.unwatched_regions(watched)
    assert (found.check, found.region) == ("guardduty_off", "eu-central-1")


@pytest.mark.parametrize(
    ("engine", "version", "is_old"),
    [
        ("mysql", "5.7.44", True),
        ("mysql", "5.6.51", True),
        ("mysql", "8.0.42", True),
        ("mysql", "8.4.5", False),
        ("postgres", "13.20", True),
        ("postgres", "14.17", False),
        ("postgres", "9.6.24", True),
        ("postgres", "17.4", False),
        ("mariadb", "10.6.20", True),
        ("mariadb", "11.4.5", False),
        ("oracle-ee", "11.2", False),
        ("mysql", "", False),
    ],
)
def test_versions_of_databases_out_of_support(engine, version, is_old):
    ended = upkeep.end_of_support(engine, version)
    assert (ended is not None and ended <= NOW.date()) is is_old


def test_runtimes_of_functions():
    functions = [
        {**HERE, "Arn": name, "FunctionName": name, "Runtime": name}
        for name in ("python3.7", "python3.13", "nodejs22.x")
    ]
    found = list(upkeep.old_versions(inventory(functions=functions)))
    assert [each.resource for each in found] == ["python3.7"]


@pytest.mark.parametrize(
    ("policy", "has_passwords", "is_weak"),
    [
        ({}, True, True),
        ({"MinimumPasswordLength": 8}, True, True),
        ({"MinimumPasswordLength": 14}, True, False),
        ({}, False, False),
        (None, True, False),
    ],
)
def test_the_accounts_password_policy(policy, has_passwords, is_weak):
    user = {"Arn": "arn:aws:iam::123456789012:user/a", "Keys": {}, "HasPassword": has_passwords}
    found = checks_of(upkeep.people(inventory(users=[user], password_policy=policy)))
    assert (found == ["weak_password_policy"]) is is_weak


@pytest.mark.parametrize(
    ("statement", "is_open"),
    [
        ({"Principal": "*"}, True),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Principal": {"AWS": ["arn:aws:iam::123456789012:root", "*"]}}, True),
        ({"NotPrincipal": {"AWS": "arn:aws:iam::123456789012:root"}}, True),
        ({"Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
        ({"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}, True),
        ({"Principal": "*", "Condition": {"ArnLike": {"aws:SourceArn": "*"}}}, True),
        ({"Principal": "*", "Condition": {"StringNotEquals": {"aws:SourceAccount": "123456789012"}}}, True),
        ({"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": ["198.51.100.7", "128.0.0.0/1"]}}}, True),
        ({"Principal": "*", "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": "123456789012"}}}, True),
        ({"Principal": "*", "Condition": {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1"}}}, True),
        ({"Principal": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/shop"}}}, True),
        ({"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": []}}}, True),
        ({"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "198.51.100.7"}}}, False),
        ({"Principal": "*", "Condition": {"StringEquals": {"AWS:SourceOwner": "123456789012"}}}, False),
        ({"Principal": "*", "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::files"}}}, False),
        ({"Principal": {"Service": "sns.amazonaws.com"}}, False),
        ({"Principal": {"AWS": "123456789012"}}, False),
        ({"Principal": "*", "Effect": "Deny"}, False),
    ],
)
def test_whom_a_policy_admits(statement, is_open):
    assert admits_anybody({"Statement": {"Effect": "Allow", **statement}}) is is_open


def test_a_service_that_is_limited_lowers_the_severity_of_passing_any_role():
    def holder(**condition):
        statement = {"Effect": "Allow", "Action": ["iam:PassRole"], "Resource": "*", **condition}
        return {"Arn": "arn:aws:iam::123456789012:role/a", "Documents": {"own": {"Statement": [statement]}}}

    limited = {"Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}}
    severities = [
        next(access.role_passing(inventory(holders=[each]))).severity for each in (holder(), holder(**limited))
    ]
    assert severities == ["HIGH", "MEDIUM"]


@pytest.mark.parametrize(
    ("sub", "is_open"),
    [
        (None, True),
        ("*", True),
        ("repo:*", True),
        ("repo:*/webmarket:*", True),
        ("repo:shop/*", False),
        ("repo:shop/webmarket:ref:refs/heads/main", False),
    ],
)
def test_a_role_for_a_forge_names_the_repository(sub, is_open):
    issuer = "token.actions.githubusercontent.com"
    tested = {f"{issuer}:aud": "sts.amazonaws.com"} | ({f"{issuer}:sub": sub} if sub else {})
    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{issuer}"},
        "Condition": {"StringLike": tested},
    }
    role = {"Arn": "arn:aws:iam::123456789012:role/deploy", "Trust": {"Statement": trust}}
    assert bool(list(access.federated_roles(inventory(holders=[role])))) is is_open


@pytest.mark.parametrize("action", ["iam:PassRole", "IAM:PASSROLE", "iam:Pass*", "iam:*", "iam:P?ssRole"])
def test_a_pattern_that_passes_any_role(action):
    statement = {"Effect": "Allow", "Action": ["s3:GetObject", action], "Resource": "*"}
    holder = {"Arn": "arn:aws:iam::123456789012:role/a", "Documents": {"own": {"Statement": statement}}}
    assert checks_of(access.role_passing(inventory(holders=[holder]))) == ["passes_any_role"]


def test_administrators_by_awss_own_policies():
    holder = {"Arn": "arn:aws:iam::123456789012:group/chiefs", "Documents": {}}
    for policy, found in (("AdministratorAccess", ["iam_administrator"]), ("ReadOnlyAccess", [])):
        attached = {**holder, "Attached": [f"arn:aws:iam::aws:policy/{policy}"]}
        assert checks_of(identity.administrators(inventory(holders=[attached]))) == found


@pytest.mark.parametrize(
    ("entries", "is_open"),
    [
        ([(100, "allow", "0.0.0.0/0", "6", (22, 22))], True),
        ([(90, "deny", "0.0.0.0/0", "6", (22, 22)), (100, "allow", "0.0.0.0/0", "6", (0, 3388))], False),
        ([(100, "allow", "0.0.0.0/0", "-1", None), (110, "deny", "0.0.0.0/0", "-1", None)], True),
        ([(90, "deny", "198.51.100.0/24", "-1", None), (100, "allow", "::/0", "6", (0, 65_535))], True),
        ([(100, "allow", "0.0.0.0/0", "6", (443, 443))], False),
        ([(100, "allow", "0.0.0.0/0", "17", (0, 65_535))], False),
    ],
)
def test_network_acls_by_the_order_of_their_rules(entries, is_open):
    listed = [
        {"RuleNumber": number, "RuleAction": action, "Protocol": protocol, "Egress": False}
        | {"Ipv6CidrBlock" if ":" in source else "CidrBlock": source}
        | ({"PortRange": {"From": ports[0], "To": ports[1]}} if ports else {})
        for number, action, source, protocol, ports in reversed(entries)
    ]
    acl = {**HERE, "Arn": "a", "NetworkAclId": "acl-1", "IsDefault": False, "Entries": listed}
    assert bool(list(network.open_network_acls(inventory(network_acls=[acl])))) is is_open
    assert not list(network.open_network_acls(inventory(network_acls=[{**acl, "IsDefault": True}])))


def finding(resource: str, **changes) -> dict:
    found = {
        "check": "unencrypted_volume",
        "severity": "MEDIUM",
        "remedy": "Copiez-le.",
        "key": resource,
        "euros": None,
    }
    return {**found, "accepted": None, "problem": resource, **changes}


def test_alike_findings_are_one_group_and_accepted_ones_stand_alone():
    found = [
        finding("a", euros=1.5),
        finding("b", euros=2.0),
        finding("c", check="other"),
        finding("d", severity="LOW"),
    ]
    found += [finding("e", accepted={"by": "Nadia"}), finding("f", accepted={"by": "Nadia"})]
    groups = grouped(found)
    assert [[each["key"] for each in group["findings"]] for group in groups] == [["a", "b"], ["c"], ["d"], ["e"], ["f"]]
    assert groups[0]["total_euros"] == 3.5


def test_of_a_bucket_without_measures_the_size_is_what_nobody_knows():
    bucket = {"name": "files", "unknown": ["s3.standard_gb_month"], "unmeasured": ["s3.standard_gb_month"]}
    assert "Taille inconnue" in unknown_sentence(bucket)
    machine = {"name": "i-1", "unknown": ["ec2.m5.large"], "unmeasured": []}
    assert "Prix inconnu" in unknown_sentence(machine)

"""Who reaches what: groups on both sides, a route, and no network ACL that refuses."""

from rules.reachability import Way, documented, ways

from .planned import world

IN, OUT = "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"
GROUP, SUBNET, TABLE = "aws_security_group", "aws_subnet", "aws_route_table"


def port(number: int, **more: object) -> dict:
    return {"ip_protocol": "tcp", "from_port": number, "to_port": number, **more}


RESOURCES = {
    "aws_lb.this": {"internal": False},
    "aws_launch_template.this": {},
    "aws_autoscaling_group.this": {},
    "aws_db_instance.this": {"publicly_accessible": False},
    "aws_db_subnet_group.this": {},
    "aws_subnet.public": {},
    "aws_subnet.app": {},
    "aws_subnet.database": {},
    "aws_internet_gateway.this": {},
    "aws_nat_gateway.this": {},
    "aws_route.public": {"destination_cidr_block": "0.0.0.0/0"},
    "aws_route.app": {"destination_cidr_block": "0.0.0.0/0"},
    **{f"aws_route_table_association.{tier}": {} for tier in ("public", "app", "database")},
    f"{IN}.balancer": port(443, cidr_ipv4="0.0.0.0/0"),
    f"{OUT}.balancer": port(80),
    f"{IN}.app": port(80),
    f"{OUT}.app_to_database": port(3306),
    f"{IN}.database": port(3306),
    f"{OUT}.app_to_internet": port(443, cidr_ipv4="0.0.0.0/0"),
}
REFERENCES = {
    "aws_lb.this": {"security_groups": f"{GROUP}.balancer", "subnets": f"{SUBNET}.public"},
    "aws_launch_template.this": {"vpc_security_group_ids": f"{GROUP}.app"},
    "aws_autoscaling_group.this": {"vpc_zone_identifier": f"{SUBNET}.app"},
    "aws_db_instance.this": {"vpc_security_group_ids": f"{GROUP}.database"},
    "aws_db_subnet_group.this": {"subnet_ids": f"{SUBNET}.database"},
    "aws_nat_gateway.this": {"subnet_id": f"{SUBNET}.public"},
    "aws_route.public": {"route_table_id": f"{TABLE}.public", "gateway_id": "aws_internet_gateway.this"},
    "aws_route.app": {"route_table_id": f"{TABLE}.app", "nat_gateway_id": "aws_nat_gateway.this"},
    **{
        f"aws_route_table_association.{tier}": {"subnet_id": f"{SUBNET}.{tier}", "route_table_id": f"{TABLE}.{tier}"}
        for tier in ("public", "app", "database")
    },
    f"{IN}.balancer": {"security_group_id": f"{GROUP}.balancer"},
    f"{OUT}.balancer": {"security_group_id": f"{GROUP}.balancer", "referenced_security_group_id": f"{GROUP}.app"},
    f"{IN}.app": {"security_group_id": f"{GROUP}.app", "referenced_security_group_id": f"{GROUP}.balancer"},
    f"{OUT}.app_to_database": {
        "security_group_id": f"{GROUP}.app",
        "referenced_security_group_id": f"{GROUP}.database",
    },
    f"{IN}.database": {"security_group_id": f"{GROUP}.database", "referenced_security_group_id": f"{GROUP}.app"},
    f"{OUT}.app_to_internet": {"security_group_id": f"{GROUP}.app"},
}
BALANCER = Way("internet", "balancer", ("443",), "internet gateway")
HOSTS = Way("balancer", "hosts", ("80",), "network")
DATABASE = Way("hosts", "database", ("3306",), "network")
OUTSIDE = Way("hosts", "internet", ("443",), "NAT gateway")
# Hosts are somebody, too.
BACK = Way("hosts", "balancer", ("443",), "network")
ALL = {BALANCER, HOSTS, DATABASE, OUTSIDE, BACK}


def reached(resources: dict | None = None, references: dict | None = None, *without: str) -> set[Way]:
    there = {name: values for name, values in {**RESOURCES, **(resources or {})}.items() if name not in without}
    return set(ways(world(*there.items(), references={**REFERENCES, **(references or {})})))


def test_what_both_sides_and_a_route_allow_is_reached():
    assert reached() == ALL


def test_either_side_may_refuse():
    assert reached(None, None, f"{IN}.database") == ALL - {DATABASE}
    assert reached(None, None, f"{OUT}.app_to_database") == ALL - {DATABASE}
    assert reached({f"{IN}.app": port(8080)}) == ALL - {HOSTS}


def test_without_a_route_nobody_comes_or_leaves():
    assert reached(None, None, "aws_route.public") == ALL - {BALANCER, OUTSIDE}
    assert reached(None, None, "aws_route.app") == ALL - {OUTSIDE}
    assert reached(None, None, "aws_route_table_association.app") == ALL - {OUTSIDE}
    assert reached({"aws_lb.this": {"internal": True}}) == ALL - {BALANCER}


def test_a_database_that_is_opened_is_seen():
    open_port = {f"{IN}.open": port(3306, cidr_ipv4="0.0.0.0/0")}
    named = {f"{IN}.open": {"security_group_id": f"{GROUP}.database"}}
    # Its subnets lead nowhere: only the balancer and hosts, whose groups let nothing else out, could use it.
    assert reached(open_port, named) == ALL
    public = {**open_port, "aws_db_instance.this": {"publicly_accessible": True}}
    led = {**named, "aws_db_subnet_group.this": {"subnet_ids": f"{SUBNET}.public"}}
    assert Way("internet", "database", ("3306",), "internet gateway") in reached(public, led)


def test_a_network_acl_refuses_what_groups_allow():
    def acl(action: str) -> tuple[dict, dict]:
        entry = {"rule_no": 100, "protocol": "6", "from_port": 3306, "to_port": 3306, "action": action}
        values = {"aws_network_acl.database": {"ingress": [entry], "egress": []}}
        return values, {"aws_network_acl.database": {"subnet_ids": f"{SUBNET}.database"}}

    assert reached(*acl("allow")) == ALL
    assert reached(*acl("deny")) == ALL - {DATABASE}


def test_the_drawn_table_is_read_by_environment():
    text = "# Title\n\n## demo\n\n| from | to |\n|---|---|\n| a | b |\n\n## staging\n\n| from | to |\n|---|---|\n"
    assert documented("demo", text) == {"| a | b |"}
    assert documented("staging", text) == set()

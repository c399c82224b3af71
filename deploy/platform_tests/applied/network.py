"""Network, balancer, and who reaches what by the real groups and routes."""

from __future__ import annotations

from applied.aws import OURS, WORLD, Aws, Check, differs

EDGE_LIST = "com.amazonaws.global.cloudfront.origin-facing"


def there_are_six_subnets_in_three_tiers(aws: Aws) -> str:
    found = {tier: len(ids) for tier, ids in aws.subnets().items()}
    return differs(found, {"public": 2, "app": 2, "database": 2})


def each_tier_stands_in_two_zones(aws: Aws) -> str:
    zones: dict[str, set[str]] = {}
    for subnet in aws("ec2").describe_subnets(Filters=OURS)["Subnets"]:
        tier = next(tag["Value"] for tag in subnet["Tags"] if tag["Key"] == "Tier")
        zones.setdefault(tier, set()).add(subnet["AvailabilityZone"][-1])
    return differs(zones, {tier: {"a", "b"} for tier in ("public", "app", "database")})


def no_subnet_gives_public_ips(aws: Aws) -> str:
    found = [
        one["SubnetId"] for one in aws("ec2").describe_subnets(Filters=OURS)["Subnets"] if one["MapPublicIpOnLaunch"]
    ]
    return differs(found, [])


def the_network_has_its_range_and_names(aws: Aws) -> str:
    ec2 = aws("ec2")
    networks = ec2.describe_vpcs(Filters=OURS)["Vpcs"]
    network = networks[0]["VpcId"]
    names = ec2.describe_vpc_attribute(VpcId=network, Attribute="enableDnsHostnames")["EnableDnsHostnames"]["Value"]
    return differs(([one["CidrBlock"] for one in networks], names), (["10.0.0.0/16"], True))


def the_world_reaches_the_balancer_at_most(aws: Aws) -> str:
    found = {
        (name, rule["FromPort"])
        for name, group in aws.security_groups().items()
        for rule in group["IpPermissions"]
        if WORLD & {span.get("CidrIp", span.get("CidrIpv6")) for span in rule["IpRanges"] + rule["Ipv6Ranges"]}
    }
    return differs(found, set() if aws.expected.behind_edge else {("balancer", 80), ("balancer", 443)})


def the_edge_reaches_the_balancer_by_tls_alone(aws: Aws) -> str:
    found = {
        (name, rule["FromPort"], rule["ToPort"])
        for name, group in aws.security_groups().items()
        for rule in group["IpPermissions"]
        if rule["PrefixListIds"]
    }
    return differs(found, {("balancer", 443, 443)} if aws.expected.behind_edge else set())


def groups_admit_each_other_in_a_chain(aws: Aws) -> str:
    groups = aws.security_groups()
    names = {group["GroupId"]: name for name, group in groups.items()}
    found = {
        (names.get(pair["GroupId"], pair["GroupId"]), name, rule["FromPort"], rule["ToPort"])
        for name, group in groups.items()
        for rule in group["IpPermissions"]
        for pair in rule["UserIdGroupPairs"]
    }
    return differs(
        found, {("balancer", "app", 80, 80), ("app", "database", 3306, 3306), ("app", "endpoints", 443, 443)}
    )


def groups_let_out_what_is_needed(aws: Aws) -> str:
    groups = aws.security_groups()
    names = {group["GroupId"]: name for name, group in groups.items()}
    found = {
        (name, target, rule.get("FromPort"))
        for name, group in groups.items()
        for rule in group["IpPermissionsEgress"]
        for target in [
            *(names.get(pair["GroupId"], pair["GroupId"]) for pair in rule["UserIdGroupPairs"]),
            *(span["CidrIp"] for span in rule["IpRanges"]),
        ]
    }
    wanted = {("app", "0.0.0.0/0", 443), ("app", "0.0.0.0/0", 587), ("balancer", "app", 80)}
    return differs(found, {*wanted, ("app", "database", 3306), ("app", "endpoints", 443)})


def nobody_comes_by_ssh(aws: Aws) -> str:
    found = [
        name
        for name, group in aws.security_groups().items()
        for rule in group["IpPermissions"]
        if rule["IpProtocol"] == "-1" or rule["FromPort"] <= 22 <= rule["ToPort"]
    ]
    return differs(found, [])


def the_default_group_is_closed(aws: Aws) -> str:
    ec2 = aws("ec2")
    network = ec2.describe_vpcs(Filters=OURS)["Vpcs"][0]["VpcId"]
    filters = [{"Name": "vpc-id", "Values": [network]}, {"Name": "group-name", "Values": ["default"]}]
    found = ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
    return differs([(one["IpPermissions"], one["IpPermissionsEgress"]) for one in found], [([], [])])


def _default_routes(aws: Aws, tier: str) -> list[dict]:
    subnets = aws.subnets()[tier]
    return [
        route
        for table in aws("ec2").describe_route_tables(Filters=OURS)["RouteTables"]
        if subnets & {link.get("SubnetId") for link in table["Associations"]}
        for route in table["Routes"]
        if route.get("DestinationCidrBlock") in WORLD
    ]


def the_database_tier_has_no_way_out(aws: Aws) -> str:
    return differs(_default_routes(aws, "database"), [])


def the_public_tier_leaves_by_the_internet_gateway(aws: Aws) -> str:
    return differs([route.get("GatewayId", "")[:4] for route in _default_routes(aws, "public")], ["igw-"])


def the_app_tier_leaves_by_nat(aws: Aws) -> str:
    routes = _default_routes(aws, "app")
    gateways = {route.get("NatGatewayId") for route in routes}
    return differs((len(routes), None in gateways, len(gateways)), (2, False, aws.expected.nat_gateways))


def nat_gateways_are_up_in_public_subnets(aws: Aws) -> str:
    found = aws("ec2").describe_nat_gateways()["NatGateways"]
    public = {one["SubnetId"] for one in found} <= aws.subnets()["public"]
    wanted = (["available"] * aws.expected.nat_gateways, True)
    return differs(([one["State"] for one in found], public), wanted)


def every_subnet_has_its_table(aws: Aws) -> str:
    linked = {
        link.get("SubnetId")
        for table in aws("ec2").describe_route_tables(Filters=OURS)["RouteTables"]
        for link in table["Associations"]
    }
    return differs({subnet for ids in aws.subnets().values() for subnet in ids} - linked, set())


def services_are_reached_inside_the_network(aws: Aws) -> str:
    found = aws("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    seen = {(one["VpcEndpointType"], one["ServiceName"].rpartition(".")[2]) for one in found}
    return differs(seen, {("Gateway", "s3"), *(("Interface", name) for name in aws.expected.endpoints)})


def all_traffic_is_logged(aws: Aws) -> str:
    found = aws("ec2").describe_flow_logs()["FlowLogs"]
    seen = [
        (one["TrafficType"], one["LogDestinationType"], one["LogDestination"].partition("log-group:")[2])
        for one in found
    ]
    return differs(seen, [("ALL", "cloud-watch-logs", f"/webmarket/{aws.name}/flow")])


# --- Balancer -------------------------------------------------------------------------------------------------------


def _balancer(aws: Aws) -> dict:
    return aws("elbv2").describe_load_balancers(Names=[aws.name])["LoadBalancers"][0]


def _listeners(aws: Aws) -> dict[int, dict]:
    found = aws("elbv2").describe_listeners(LoadBalancerArn=_balancer(aws)["LoadBalancerArn"])["Listeners"]
    return {one["Port"]: one for one in found}


def the_balancer_serves_tls_and_checks_health(aws: Aws) -> str:
    listeners = _listeners(aws)
    target = aws("elbv2").describe_target_groups(Names=[f"{aws.name}-web"])["TargetGroups"][0]
    modern = listeners[443]["SslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2")
    kind = listeners[80]["DefaultActions"][0]["Type"]
    return differs((modern, kind, target["HealthCheckPath"]), (True, "redirect", "/health/live"))


def the_balancer_stands_in_the_public_subnets_with_its_own_group(aws: Aws) -> str:
    balancer = _balancer(aws)
    subnets = {zone["SubnetId"] for zone in balancer["AvailabilityZones"]}
    groups = {aws.security_groups()["balancer"]["GroupId"]}
    return differs((subnets, set(balancer["SecurityGroups"])), (aws.subnets()["public"], groups))


def the_balancer_refuses_malformed_headers_and_logs(aws: Aws) -> str:
    arn = _balancer(aws)["LoadBalancerArn"]
    found = aws("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    given = {one["Key"]: one["Value"] for one in found}
    wanted = {
        "routing.http.drop_invalid_header_fields.enabled": "true",
        "idle_timeout.timeout_seconds": "60",
        "access_logs.s3.enabled": "true",
        "access_logs.s3.bucket": aws.bucket("logs"),
        "deletion_protection.enabled": "false" if aws.expected.disposable else "true",
    }
    return differs({name: given.get(name) for name in wanted}, wanted)


def what_did_not_come_by_the_edge_gets_403(aws: Aws) -> str:
    action = _listeners(aws)[443]["DefaultActions"][0]
    return differs((action["Type"], action["FixedResponseConfig"]["StatusCode"]), ("fixed-response", "403"))


def the_shop_answers_what_brings_the_secret(aws: Aws) -> str:
    rules = aws("elbv2").describe_rules(ListenerArn=_listeners(aws)[443]["ListenerArn"])["Rules"]
    headers = [
        condition["HttpHeaderConfig"]["HttpHeaderName"]
        for rule in rules
        for condition in rule["Conditions"]
        if condition["Field"] == "http-header"
    ]
    kinds = {action["Type"] for rule in rules if not rule["IsDefault"] for action in rule["Actions"]}
    return differs((headers, kinds), (["X-Origin-Secret"], {"forward"}))


def plain_requests_are_sent_to_tls(aws: Aws) -> str:
    found = _listeners(aws)[80]["DefaultActions"][0]["RedirectConfig"]
    return differs((found["Protocol"], found["Port"], found["StatusCode"]), ("HTTPS", "443", "HTTP_301"))


def hosts_end_their_requests(aws: Aws) -> str:
    balancing = aws("elbv2")
    target = balancing.describe_target_groups(Names=[f"{aws.name}-web"])["TargetGroups"][0]
    found = balancing.describe_target_group_attributes(TargetGroupArn=target["TargetGroupArn"])["Attributes"]
    given = {one["Key"]: one["Value"] for one in found}
    seen = (given["deregistration_delay.timeout_seconds"], given["slow_start.duration_seconds"], target["Port"])
    return differs(seen, ("30", "30", 80))


CHECKS: tuple[Check, ...] = (
    there_are_six_subnets_in_three_tiers,
    each_tier_stands_in_two_zones,
    no_subnet_gives_public_ips,
    the_network_has_its_range_and_names,
    the_world_reaches_the_balancer_at_most,
    the_edge_reaches_the_balancer_by_tls_alone,
    groups_admit_each_other_in_a_chain,
    groups_let_out_what_is_needed,
    nobody_comes_by_ssh,
    the_default_group_is_closed,
    the_database_tier_has_no_way_out,
    the_public_tier_leaves_by_the_internet_gateway,
    the_app_tier_leaves_by_nat,
    nat_gateways_are_up_in_public_subnets,
    every_subnet_has_its_table,
    services_are_reached_inside_the_network,
    all_traffic_is_logged,
    the_balancer_serves_tls_and_checks_health,
    the_balancer_stands_in_the_public_subnets_with_its_own_group,
    the_balancer_refuses_malformed_headers_and_logs,
    what_did_not_come_by_the_edge_gets_403,
    the_shop_answers_what_brings_the_secret,
    plain_requests_are_sent_to_tls,
    hosts_end_their_requests,
)

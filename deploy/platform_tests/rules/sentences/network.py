"""Network and balancer."""

from __future__ import annotations

from rules.sentences.sentence import By, Sentence, between, from_, has

VPC = "vpc/latest/userguide/"
ELB = "elasticloadbalancing/latest/application/"
OWN = r"module\.network\."
SECOND = r"module\.recovery\["
ZONES = {"eu-west-3a", "eu-west-3b"}
PRODUCTION = ("production",)

SENTENCES = (
    Sentence(
        "the network has names and room",
        VPC + "vpc-dns.html",
        "aws_vpc",
        {"cidr_block": "10.0.0.0/16", "enable_dns_support": True, "enable_dns_hostnames": True},
        OWN,
        1,
    ),
    Sentence(
        "what AWS opens with a network is closed",
        VPC + "default-security-group.html",
        "aws_default_security_group",
        {"vpc_id": from_("aws_vpc.this")},
        count=By(demo=1, staging=1, production=2),
    ),
    *(
        Sentence(
            f"the subnets {tier} stand in two zones, and give no public address",
            VPC + "configure-subnets.html",
            "aws_subnet",
            {"map_public_ip_on_launch": False, "vpc_id": from_("aws_vpc.this"), "tags.Tier": tier},
            rf"{OWN}aws_subnet\.{tier}\[",
            2,
        )
        for tier in ("public", "app", "database")
    ),
    *(
        Sentence(
            f"the subnet {tier} of zone {zone} has its own range",
            VPC + "subnet-sizing.html",
            "aws_subnet",
            {"cidr_block": f"10.0.{first + number}.0/24", "availability_zone": f"eu-west-3{zone}"},
            rf'{OWN}aws_subnet\.{tier}\["eu-west-3{zone}"',
            1,
        )
        for tier, first in (("public", 0), ("app", 10), ("database", 20))
        for number, zone in enumerate("ab")
    ),
    Sentence(
        "NAT gateways stand in public subnets, as many as the environment can lose",
        VPC + "nat-gateway-basics.html",
        "aws_nat_gateway",
        {"subnet_id": from_("aws_subnet.public"), "allocation_id": from_("aws_eip.nat")},
        count=By(demo=1, staging=1, production=2),
    ),
    Sentence(
        "NAT gateways have their own addresses",
        VPC + "nat-gateway-basics.html",
        "aws_eip",
        {"domain": "vpc"},
        count=By(demo=1, staging=1, production=2),
    ),
    Sentence(
        "S3 is reached inside the network",
        VPC.replace("userguide", "privatelink") + "vpc-endpoints-s3.html",
        "aws_vpc_endpoint",
        {
            "vpc_endpoint_type": "Gateway",
            "service_name": "com.amazonaws.eu-west-3.s3",
            "route_table_ids": from_("aws_route_table.app"),
        },
        r"aws_vpc_endpoint\.s3$",
        1,
    ),
    Sentence(
        "what every host asks each minute is reached inside production's network",
        VPC.replace("userguide", "privatelink") + "create-interface-endpoint.html",
        "aws_vpc_endpoint",
        {
            "vpc_endpoint_type": "Interface",
            "private_dns_enabled": True,
            "security_group_ids": from_("aws_security_group.endpoints"),
            "subnet_ids": from_("aws_subnet.app"),
        },
        r"aws_vpc_endpoint\.interface\[",
        3,
        PRODUCTION,
    ),
    *(
        Sentence(
            f"{service} is reached inside production's network",
            VPC.replace("userguide", "privatelink") + "aws-services-privatelink-support.html",
            "aws_vpc_endpoint",
            {"service_name": f"com.amazonaws.eu-west-3.{service}"},
            rf'aws_vpc_endpoint\.interface\["{service}"',
            1,
            PRODUCTION,
        )
        for service in ("sqs", "secretsmanager", "ssm")
    ),
    Sentence(
        "all traffic is logged",
        VPC + "flow-logs.html",
        "aws_flow_log",
        {
            "traffic_type": "ALL",
            "log_destination_type": "cloud-watch-logs",
            "log_destination": from_("aws_cloudwatch_log_group.flow"),
            "iam_role_arn": from_("aws_iam_role.flow"),
            "vpc_id": from_("aws_vpc.this"),
        },
        count=1,
    ),
    Sentence(
        "the second region's network is apart from the first's",
        VPC + "vpc-cidr-blocks.html",
        "aws_vpc",
        {"cidr_block": "10.1.0.0/16", "enable_dns_hostnames": True},
        SECOND,
        1,
        PRODUCTION,
    ),
    Sentence(
        "the second region's database stands in two zones",
        VPC + "configure-subnets.html",
        "aws_subnet",
        {"tags.Tier": "database", "availability_zone": has("eu-central-1"), "cidr_block": has("10.1.")},
        SECOND,
        2,
        PRODUCTION,
    ),
    # --- Balancer ---------------------------------------------------------------------------------------------------
    Sentence(
        "the balancer faces the internet, refuses malformed headers and writes its log",
        ELB + "application-load-balancers.html",
        "aws_lb",
        {
            "load_balancer_type": "application",
            "internal": False,
            "drop_invalid_header_fields": True,
            "desync_mitigation_mode": "defensive",
            "enable_deletion_protection": By(demo=False, staging=True, production=True),
            "idle_timeout": 60,
            "access_logs.enabled": True,
            "access_logs.prefix": "balancer",
            "access_logs.bucket": from_("aws_s3_bucket.this"),
            "subnets": from_("aws_subnet.public"),
            "security_groups": from_("aws_security_group.balancer"),
        },
        count=1,
    ),
    Sentence(
        "the balancer's targets are instances of the shop, taken in slowly and let go with their requests",
        ELB + "target-group-attributes.html",
        "aws_lb_target_group",
        {
            "port": 80,
            "protocol": "HTTP",
            "target_type": "instance",
            "deregistration_delay": "30",
            "slow_start": 30,
            "load_balancing_algorithm_type": "round_robin",
            "vpc_id": from_("aws_vpc.this"),
        },
        count=1,
    ),
    Sentence(
        "a host that fails is found within half a minute, and two answers take it back",
        ELB + "target-group-health-checks.html",
        "aws_lb_target_group",
        {
            "health_check.path": "/health/live",
            "health_check.matcher": "200",
            "health_check.interval": 10,
            "health_check.timeout": 5,
            "health_check.healthy_threshold": 2,
            "health_check.unhealthy_threshold": 3,
        },
    ),
    Sentence(
        "the balancer answers by TLS 1.2 and 1.3, and refuses what did not come by the edge",
        ELB + "describe-ssl-policies.html",
        "aws_lb_listener",
        {
            "port": 443,
            "protocol": "HTTPS",
            "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "certificate_arn": from_("aws_acm_certificate_validation.balancer"),
            "load_balancer_arn": from_("aws_lb.this"),
            "default_action.type": "fixed-response",
            "default_action.fixed_response.status_code": "403",
        },
        r"aws_lb_listener\.https",
        1,
    ),
    Sentence(
        "plain requests are sent to TLS for good",
        ELB + "rule-action-types.html",
        "aws_lb_listener",
        {
            "port": 80,
            "protocol": "HTTP",
            "load_balancer_arn": from_("aws_lb.this"),
            "default_action.type": "redirect",
            "default_action.redirect.protocol": "HTTPS",
            "default_action.redirect.port": "443",
            "default_action.redirect.status_code": "HTTP_301",
        },
        r"aws_lb_listener\.http$",
        1,
    ),
    Sentence(
        "the shop answers every path that brings the edge's secret",
        "AmazonCloudFront/latest/DeveloperGuide/restrict-access-to-load-balancer.html",
        "aws_lb_listener_rule",
        {
            "listener_arn": from_("aws_lb_listener.https"),
            "action.type": "forward",
            "action.target_group_arn": from_("aws_lb_target_group.this"),
            "condition.path_pattern.values": ("/*",),
            "condition.http_header.http_header_name": "X-Origin-Secret",
            "condition.http_header.values": ("only-between-the-edge-and-the-balancer",),
            "priority": between(1, 50000),
        },
        count=1,
    ),
)

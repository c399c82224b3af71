"""Mistakes that somebody will make one day. Each must be refused by a test that says what is wrong.

`deploy/platform_tests/terraform --mistakes` writes `wrong` over `right` in a copy, runs `terraform test` in `root`, and
looks for `caught_by` in what the failing test says.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    name: str
    root: str
    file: str
    right: str
    wrong: str
    caught_by: str


def in_module(name: str, module: str, right: str, wrong: str, caught_by: str, file: str = "main.tf") -> Mistake:
    root = f"modules/{module}"
    return Mistake(name, root, f"{root}/{file}", right, wrong, caught_by)


MISTAKES = [
    in_module(
        "database-public",
        "database",
        "multi_az               = var.multi_az\n  publicly_accessible    = false",
        "multi_az               = var.multi_az\n  publicly_accessible    = true",
        "The database is public.",
    ),
    in_module(
        "single-zone",
        "database",
        "multi_az               = var.multi_az",
        "multi_az               = false",
        "The database stands in one zone alone.",
    ),
    in_module(
        "port-22-open",
        "network",
        "web_ports = { http = 80, https = 443 }",
        "web_ports = { http = 80, https = 443, ssh = 22 }",
        "The internet reaches ports 80 and 443, and no other.",
        file="security.tf",
    ),
    in_module(
        "nat-missing",
        "network",
        'resource "aws_route" "app" {\n  for_each = local.zones',
        'resource "aws_route" "app" {\n  for_each = {}',
        "Each zone has its own NAT gateway, and a route to it.",
    ),
    in_module(
        "logs-for-ever",
        "network",
        "retention_in_days = var.flow_log_retention_days",
        "retention_in_days = 0",
        "All traffic is logged, for a limited time.",
        file="flow_logs.tf",
    ),
    in_module(
        "wildcard-policy",
        "identity",
        'actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]',
        'actions   = ["s3:*"]',
        "A policy allows actions by wildcard.",
    ),
    in_module(
        "imdsv1",
        "fleet",
        'http_tokens                 = "required"',
        'http_tokens                 = "optional"',
        "Instances answer IMDSv1.",
    ),
    in_module(
        "bucket-unencrypted",
        "storage",
        'resource "aws_s3_bucket_server_side_encryption_configuration" "this" {\n  for_each = local.buckets',
        'resource "aws_s3_bucket_server_side_encryption_configuration" "this" {\n'
        '  for_each = { for key, bucket in local.buckets : key => bucket if key != "lake" }',
        "A bucket is not encrypted.",
    ),
    in_module(
        "health-path-wrong",
        "balancer",
        "path                = var.health_path",
        'path                = "/"',
        "Health is asked for at /health/live.",
    ),
    in_module(
        "balancer-without-tls",
        "balancer",
        'protocol          = "HTTPS"\n  ssl_policy        = var.tls_policy\n  certificate_arn   = var.certificate_arn',
        'protocol          = "HTTP"',
        "The balancer answers without TLS.",
    ),
    in_module(
        "alarm-missing",
        "monitoring",
        "      backup-not-green = {",
        "      backup-red = {",
        "An alarm is missing.",
        file="alarms.tf",
    ),
    in_module(
        "rollback-alarm-misspelt",
        "monitoring",
        '"unhealthy-hosts"',
        '"unhealthy-host"',
        "rollback_alarms.json names an alarm that is not there.",
        file="rollback_alarms.json",
    ),
    Mistake(
        "instances-in-public-subnets",
        "environments/demo",
        "modules/shop/main.tf",
        "subnet_ids           = module.network.app_subnet_ids",
        "subnet_ids           = module.network.public_subnet_ids",
        "Instances stand outside the private subnets.",
    ),
]

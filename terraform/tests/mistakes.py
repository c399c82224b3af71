"""Mistakes that somebody will make one day. Each must be refused by a test that says what is wrong.

`deploy/platform_tests/terraform --mistakes` writes `wrong` over `right` in a copy, runs `terraform test` in `root`, and
looks for `caught_by` in what the failing test says. Those of RULE_MISTAKES are planted together into one copy, whose
production is planned once; a rule of deploy/platform_tests/rules/ must name each.
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
        'actions   = ["s3:PutObject", "s3:DeleteObject"]',
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


def by_rule(name: str, module: str, right: str, wrong: str, caught_by: str, file: str = "main.tf") -> Mistake:
    return Mistake(name, "", f"modules/{module}/{file}", right, wrong, caught_by)


def in_production(name: str, right: str, wrong: str, caught_by: str) -> Mistake:
    return Mistake(name, "", "environments/production/main.tf", right, wrong, caught_by)


RULE_MISTAKES = [
    by_rule(
        "hosts-as-master-user",
        "identity",
        """  role   = aws_iam_role.service["migrate"].id
  policy = data.aws_iam_policy_document.database.json""",
        """  role   = aws_iam_role.service["workers"].id
  policy = data.aws_iam_policy_document.database.json""",
        "hosts of webmarket-production-workers may secretsmanager:GetSecretValue",
    ),
    by_rule(
        "metrics-without-their-group",
        "identity",
        'actions   = ["ec2:DescribeTags"]',
        'actions   = ["ec2:DescribeVolumes"]',
        "workers may not ec2:DescribeTags",
    ),
    by_rule(
        "right-that-nothing-uses",
        "identity",
        'actions   = ["ssm:GetParametersByPath"]',
        'actions   = ["ssm:GetParametersByPath", "ssm:GetParameter"]',
        "ReadOwnSettings allows ssm:GetParameter",
    ),
    by_rule(
        "ceiling-below-the-work",
        "identity",
        '"sns:Publish", "sqs:*"',
        '"sqs:*"',
        "workers may not sns:Publish",
    ),
    by_rule(
        "web-that-writes-static-files",
        "identity",
        'for folder in ["media", "documents"]',
        'for folder in ["media", "documents", "static"]',
        "web: KeepFiles allows s3:PutObject",
    ),
    by_rule(
        "bucket-that-refuses-its-role",
        "storage",
        'values   = ["false"]',
        'values   = ["true"]',
        "denied by storage.aws_s3_bucket_policy.this",
        file="policies.tf",
    ),
    by_rule(
        "edge-listed-twice",
        "network",
        """  count = length(var.balancer_prefix_list_ids)

  security_group_id = aws_security_group.balancer.id
  description       = "HTTPS from CloudFront's addresses"
  prefix_list_id    = var.balancer_prefix_list_ids[count.index]
""",
        """  count = 2 * length(var.balancer_prefix_list_ids)

  security_group_id = aws_security_group.balancer.id
  description       = "HTTPS from CloudFront's addresses"
  prefix_list_id    = var.balancer_prefix_list_ids[0]
""",
        "count as 110, and a group holds 60",
        file="security.tf",
    ),
    by_rule(
        "balancer-before-its-bucket",
        "storage",
        "  depends_on = [aws_s3_bucket_policy.logs]\n",
        "",
        "balancer.aws_lb.this does not wait for storage.aws_s3_bucket_policy.logs",
        file="outputs.tf",
    ),
    by_rule(
        "instances-before-their-rights",
        "identity",
        "[aws_iam_role_policy.service, aws_iam_role_policy.database, aws_iam_role_policy.signatures, "
        "aws_iam_role_policy.snapshot_copies]",
        "[]",
        "does not wait for module.shop.module.identity.aws_iam_role_policy.service",
        file="outputs.tf",
    ),
    by_rule(
        "network-interface-in-template",
        "fleet",
        "  vpc_security_group_ids = [var.security_group_id]\n",
        "  network_interfaces {\n    security_groups = [var.security_group_id]\n  }\n",
        "aws_launch_template.this has network interfaces, unlike launch_template.json",
    ),
    by_rule("image-by-parameter", "fleet", "= var.image\n", '= "resolve:ssm:/image"\n', "names its image by parameter"),
    by_rule(
        "untagged-instances",
        "fleet",
        "      tags          = local.tags\n",
        "      tags          = { Name = local.name }\n",
        "each instance lacks CostCentre, Environment, ManagedBy, Owner, Project",
    ),
    by_rule(
        "hosts-ended-for-the-database",
        "balancer",
        "path                = var.health_path",
        'path                = "/health"',
        "asks /health: without the database every host fails",
    ),
    by_rule(
        "target-port-closed",
        "balancer",
        "= each.value\n  protocol",
        "= 8080\n  protocol",
        "asks port 8080, and the instances",
    ),
    by_rule(
        "requests-cut-off",
        "balancer",
        "deregistration_delay          = var.deregistration_seconds",
        "deregistration_delay          = 0",
        "gives requests 0 s to end",
    ),
    by_rule(
        "tasks-cut-off",
        "shop",
        '= each.key == "web" ? 60 : 900',
        "= 30",
        "gives its instances [30] s to end their work",
    ),
    by_rule("dead-letters-forgotten", "queue", "= 1209600", "= 60", "forgets what failed after 60 s"),
    by_rule(
        "files-without-access-control",
        "edge",
        "    origin_access_control_id = aws_cloudfront_origin_access_control.files.id\n",
        "",
        "asks files without access control",
    ),
    by_rule("limits-that-count", "edge", "block {}", "count {}", "counts, and refuses nobody", file="firewall.tf"),
    by_rule(
        "bots-judge-the-api",
        "edge",
        '["/api/", "/en/paiement',
        '["/apis/", "/en/paiement',
        "bot rules judge /api/",
        file="variables.tf",
    ),
    by_rule("preloaded", "edge", "= var.hsts_preload", "= true", "puts the whole domain on browsers' lists"),
    by_rule(
        "alarms-to-nobody",
        "monitoring",
        "alarm_actions       = [aws_sns_topic.alarms.arn]",
        "alarm_actions       = []",
        "tells nobody: none of its topics",
        file="alarms.tf",
    ),
    by_rule(
        "alarm-without-data",
        "monitoring",
        '"AWS/ApplicationELB"\n        metric_name         = "TargetResponseTime"',
        '"AWS/ELB"\n        metric_name         = "TargetResponseTime"',
        "watches TargetResponseTime of AWS/ELB",
        file="alarms.tf",
    ),
    by_rule(
        "slow-queries-unseen",
        "database",
        'slow_query_log           = { value = "1"',
        'slow_query_log           = { value = "0"',
        "no slow query",
    ),
    by_rule("nothing-backed-up", "shop", "= [module.database.instance_arn]", "= []", "leaves the database out"),
    by_rule(
        "pull-requests-build",
        "identity",
        'each.key == "plan" ? ["repo:',
        'each.key != "deploy" ? ["repo:',
        "a pull request may become webmarket-production-github-build",
        file="people.tf",
    ),
    by_rule(
        "any-role-handed-out",
        "identity",
        '["ssm:DeleteParameter", "ssm:GetParameter", "ssm:PutParameter"]\n    resources = [local.images]',
        '["iam:PassRole"]\n    resources = ["*"]',
        "webmarket-production-github-build may give any role",
        file="people.tf",
    ),
    by_rule(
        "plan-reads-every-parameter",
        "identity",
        '  statement {\n    sid           = "ReadNoParameterButOwn"\n    effect        = "Deny"',
        '  statement {\n    sid           = "ReadNoParameterButOwn"\n    effect        = "Allow"',
        "may ssm:GetParameter arn:aws:ssm:eu-west-3:123456789012:parameter/webmarket/staging",
        file="people.tf",
    ),
    by_rule(
        "second-key-shut",
        "recovery",
        '["logs.${data.aws_region.second.name}.amazonaws.com"]',
        '["s3.amazonaws.com"]',
        "does not admit logs.*",
    ),
    in_production(
        "production-disposable",
        "  restore_testing          = true\n",
        "  restore_testing          = true\n  disposable               = true\n",
        "is emptied when it is destroyed",
    ),
    in_production(
        "production-one-nat",
        "  restore_testing          = true\n",
        "  restore_testing          = true\n  single_nat               = true\n",
        "1 NAT gateway serves 2 zones",
    ),
    in_production(
        "production-one-host", '["c5.large"], minimum = 2', '["c5.large"], minimum = 1', "may stand in 1 of 2 zones"
    ),
]

"""Mistakes that somebody will make one day. Each must be refused by a check that says what is wrong.

`deploy/platform_tests/terraform --mistakes` writes `wrong` over `right` in a copy, and looks for `caught_by` in what
the rules of deploy/platform_tests/rules/ or the tests of the file's module or program say. Other changes for the
worse are made by operators (deploy/platform_tests/mutation/).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    name: str
    kind: str
    file: str
    right: str
    wrong: str
    caught_by: str


def in_module(name: str, module: str, right: str, wrong: str, caught_by: str, file: str = "main.tf") -> Mistake:
    return Mistake(name, "terraform", f"terraform/modules/{module}/{file}", right, wrong, caught_by)


def in_production(name: str, right: str, wrong: str, caught_by: str) -> Mistake:
    return Mistake(name, "terraform", "terraform/environments/production/main.tf", right, wrong, caught_by)


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
        file="hosts.tf",
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
    in_module(
        "instances-in-public-subnets",
        "shop",
        "subnet_ids           = module.network.app_subnet_ids",
        "subnet_ids           = module.network.public_subnet_ids",
        "not in the subnets app",
    ),
    in_module(
        "hosts-as-master-user",
        "identity",
        """  role   = aws_iam_role.service["migrate"].id
  policy = data.aws_iam_policy_document.database.json""",
        """  role   = aws_iam_role.service["workers"].id
  policy = data.aws_iam_policy_document.database.json""",
        "hosts of webmarket-production-workers may secretsmanager:GetSecretValue",
        file="migrate.tf",
    ),
    in_module(
        "metrics-without-their-group",
        "identity",
        'actions   = ["ec2:DescribeTags"]',
        'actions   = ["ec2:DescribeVolumes"]',
        "workers may not ec2:DescribeTags",
        file="hosts.tf",
    ),
    in_module(
        "right-that-nothing-uses",
        "identity",
        'actions   = ["ssm:GetParametersByPath"]',
        'actions   = ["ssm:GetParametersByPath", "ssm:GetParameter"]',
        "ReadOwnSettings allows ssm:GetParameter",
        file="hosts.tf",
    ),
    in_module(
        "ceiling-below-the-work",
        "identity",
        '"sns:Publish", "sqs:*"',
        '"sqs:*"',
        "workers may not sns:Publish",
        file="boundary.tf",
    ),
    in_module(
        "web-that-writes-static-files",
        "identity",
        'for folder in ["media", "documents"]',
        'for folder in ["media", "documents", "static"]',
        "web: KeepFiles allows s3:PutObject",
        file="hosts.tf",
    ),
    in_module(
        "bucket-that-refuses-its-role",
        "storage",
        'values   = ["false"]',
        'values   = ["true"]',
        "denied by storage.aws_s3_bucket_policy.this",
        file="policies.tf",
    ),
    in_module(
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
    in_module(
        "balancer-before-its-bucket",
        "storage",
        "  depends_on = [aws_s3_bucket_policy.logs]\n",
        "",
        "balancer.aws_lb.this does not wait for storage.aws_s3_bucket_policy.logs",
        file="outputs.tf",
    ),
    in_module(
        "instances-before-their-rights",
        "identity",
        "[aws_iam_role_policy.service, aws_iam_role_policy.database, aws_iam_role_policy.signatures, "
        "aws_iam_role_policy.snapshot_copies]",
        "[]",
        "does not wait for module.shop.module.identity.aws_iam_role_policy.service",
        file="outputs.tf",
    ),
    in_module(
        "network-interface-in-template",
        "fleet",
        "  vpc_security_group_ids = [var.security_group_id]\n",
        "  network_interfaces {\n    security_groups = [var.security_group_id]\n  }\n",
        "aws_launch_template.this has network interfaces, unlike launch_template.json",
    ),
    in_module(
        "image-by-parameter", "fleet", "= var.image\n", '= "resolve:ssm:/image"\n', "names its image by parameter"
    ),
    in_module(
        "untagged-instances",
        "fleet",
        "      tags          = local.tags\n",
        "      tags          = { Name = local.name }\n",
        "each instance lacks CostCentre, Environment, ManagedBy, Owner, Project",
    ),
    in_module(
        "hosts-ended-for-the-database",
        "balancer",
        "path                = var.health_path",
        'path                = "/health"',
        "asks /health: without the database every host fails",
    ),
    in_module(
        "target-port-closed",
        "balancer",
        "= each.value\n  protocol",
        "= 8080\n  protocol",
        "asks port 8080, and the instances",
    ),
    in_module(
        "requests-cut-off",
        "balancer",
        "deregistration_delay          = var.deregistration_seconds",
        "deregistration_delay          = 0",
        "gives requests 0 s to end",
    ),
    in_module(
        "tasks-cut-off",
        "shop",
        '= each.key == "web" ? 60 : 900',
        "= 30",
        "gives its instances [30] s to end their work",
    ),
    in_module("dead-letters-forgotten", "queue", "= 1209600", "= 60", "forgets what failed after 60 s"),
    in_module(
        "files-without-access-control",
        "edge",
        "    origin_access_control_id = aws_cloudfront_origin_access_control.files.id\n",
        "",
        "asks files without access control",
    ),
    in_module("limits-that-count", "edge", "block {}", "count {}", "counts, and refuses nobody", file="firewall.tf"),
    in_module(
        "bots-judge-the-api",
        "edge",
        '["/api/", "/en/paiement',
        '["/apis/", "/en/paiement',
        "bot rules judge /api/",
        file="variables.tf",
    ),
    in_module("preloaded", "edge", "= var.hsts_preload", "= true", "puts the whole domain on browsers' lists"),
    in_module(
        "alarms-to-nobody",
        "monitoring",
        "alarm_actions       = [aws_sns_topic.alarms.arn]",
        "alarm_actions       = []",
        "tells nobody: none of its topics",
        file="alarms.tf",
    ),
    in_module(
        "alarm-without-data",
        "monitoring",
        '"AWS/ApplicationELB"\n        metric_name         = "TargetResponseTime"',
        '"AWS/ELB"\n        metric_name         = "TargetResponseTime"',
        "watches TargetResponseTime of AWS/ELB",
        file="alarms.tf",
    ),
    in_module(
        "slow-queries-unseen",
        "database",
        'slow_query_log           = { value = "1"',
        'slow_query_log           = { value = "0"',
        "no slow query",
    ),
    in_module("nothing-backed-up", "shop", "= [module.database.instance_arn]", "= []", "leaves the database out"),
    in_module(
        "pull-requests-build",
        "identity",
        'each.key == "plan" ? ["repo:',
        'each.key != "deploy" ? ["repo:',
        "a pull request may become webmarket-production-github-build",
        file="pipeline.tf",
    ),
    in_module(
        "any-role-handed-out",
        "identity",
        '["ssm:DeleteParameter", "ssm:GetParameter", "ssm:PutParameter"]\n    resources = [local.images]',
        '["iam:PassRole"]\n    resources = ["*"]',
        "webmarket-production-github-build may give any role",
        file="pipeline.tf",
    ),
    in_module(
        "plan-reads-every-parameter",
        "identity",
        '  statement {\n    sid           = "ReadNoParameterButOwn"\n    effect        = "Deny"',
        '  statement {\n    sid           = "ReadNoParameterButOwn"\n    effect        = "Allow"',
        "may ssm:GetParameter arn:aws:ssm:eu-west-3:123456789012:parameter/webmarket/staging",
        file="pipeline.tf",
    ),
    in_module(
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
        "  tracing                  = var.tracing\n",
        "  tracing                  = var.tracing\n  single_nat               = true\n",
        "1 NAT gateway serves 2 zones",
    ),
    in_production(
        "production-one-host", '["c5.large"], minimum = 2', '["c5.large"], minimum = 1', "may stand in 1 of 2 zones"
    ),
    in_module(
        "instances-run-every-command",
        "identity",
        'policy_arn = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"',
        'policy_arn = "arn:aws:iam::aws:policy/AmazonSSMFullAccess"',
        "AmazonSSMFullAccess: a whole service",
        file="people.tf",
    ),
    in_module(
        "releases-undone-by-apply",
        "fleet",
        "    ignore_changes = [image_id]\n",
        "    ignore_changes = []\n",
        "the next apply brings back the image of the first",
    ),
    in_module(
        "budget-to-nobody",
        "finops",
        "subscriber_email_addresses = var.emails",
        "subscriber_email_addresses = []",
        "tells nobody at",
    ),
    in_production(
        "production-open-to-the-world",
        "[data.aws_ec2_managed_prefix_list.cloudfront.id]",
        "[]",
        "admits everybody, who need not come by the edge",
    ),
    Mistake(
        "nginx-without-limit",
        "nginx",
        "deploy/nginx/nginx.conf",
        "            limit_req zone=visitors burst=50 nodelay;\n",
        "",
        "limits nobody's requests",
    ),
    Mistake(
        "web-as-root",
        "systemd",
        "deploy/systemd/webmarket-web.service",
        "User=webmarket\n",
        "User=root\n",
        "webmarket-web.service runs as root",
    ),
    Mistake(
        "firewall-accepts",
        "nftables",
        "ansible/roles/base/templates/nftables.conf.j2",
        "hook input priority filter; policy drop;",
        "hook input priority filter; policy accept;",
        "the chain input accepts what no rule names",
    ),
    Mistake(
        "ssh-by-password",
        "hosts",
        "ansible/roles/base/templates/sshd.conf.j2",
        "PasswordAuthentication no",
        "PasswordAuthentication yes",
        "PasswordAuthentication is yes",
    ),
    Mistake(
        "builder-open",
        "packer",
        "packer/webmarket.pkr.hcl",
        "temporary_security_group_source_cidrs = var.builder_cidrs",
        'temporary_security_group_source_cidrs = ["0.0.0.0/0"]',
        "reach the builder's SSH",
    ),
    Mistake(
        "image-unencrypted",
        "packer",
        "packer/webmarket.pkr.hcl",
        "encrypt_boot    = true",
        "encrypt_boot    = false",
        "the image's disk is not encrypted",
    ),
    Mistake(
        "production-without-approval",
        "workflows",
        ".github/workflows/release.yml",
        "    environment: production\n",
        "",
        "takes production's role outside an environment that is approved",
    ),
    Mistake(
        "migrations-without-lock",
        "scripts",
        "deploy/host/migrate.py",
        "    with migration_lock():\n        call_command",
        "    if True:\n        call_command",
        "test_migrates_under_the_lock",
    ),
]

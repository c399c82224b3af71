data "aws_region" "current" {}

locals {
  region     = data.aws_region.current.name
  parameters = "arn:aws:ssm:${local.region}:${var.account_id}:parameter/webmarket/${var.environment}"
  secrets    = "arn:aws:secretsmanager:${local.region}:${var.account_id}:secret:/webmarket/${var.environment}"
  logs       = "arn:aws:logs:${local.region}:${var.account_id}:log-group:/webmarket/${var.name}/*"
  # Web and workers run fleets, migrate the one instance that changes tables.
  services = toset(["web", "workers", "migrate"])
  # Secrets Manager adds a hyphen and six characters to a name.
  host_secrets = [
    for name in concat(["database-user"], keys(jsondecode(file("${path.module}/../secrets/host_secrets.json")))) :
    "${local.secrets}/${name}-??????"
  ]
  master_secret = var.database_secret == null ? "${local.secrets}/database-??????" : var.database_secret.arn
}

data "aws_iam_policy_document" "instance_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "service" {
  for_each = local.services

  name                 = "${var.name}-${each.key}"
  description          = "What ${each.key} instances of ${var.name} may do"
  assume_role_policy   = data.aws_iam_policy_document.instance_trust.json
  permissions_boundary = aws_iam_policy.boundary.arn
}

resource "aws_iam_instance_profile" "service" {
  for_each = local.services

  name = "${var.name}-${each.key}"
  role = aws_iam_role.service[each.key].name
}

resource "aws_iam_role_policy" "service" {
  for_each = {
    web     = data.aws_iam_policy_document.web.json
    workers = data.aws_iam_policy_document.workers.json
    migrate = data.aws_iam_policy_document.migrate.json
  }

  name   = "shop"
  role   = aws_iam_role.service[each.key].id
  policy = each.value
}

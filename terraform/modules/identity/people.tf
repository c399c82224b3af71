# What GitHub's pipeline and people may become.

locals {
  github          = var.github_repository == null ? toset([]) : toset(["deploy"])
  github_provider = "arn:aws:iam::${var.account_id}:oidc-provider/token.actions.githubusercontent.com"
  people          = length(var.operator_principal_arns) == 0 ? toset([]) : toset(["read-only", "deployer", "break-glass"])
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.github_repository != null && var.github_oidc_provider ? 1 : 0

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "github_trust" {
  for_each = local.github

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.github_provider]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:${var.github_repository}:ref:refs/heads/${var.github_branch}"]
    }
  }
}

resource "aws_iam_role" "github" {
  for_each = local.github

  name                 = "${var.name}-github-${each.key}"
  description          = "Releases of ${var.name} from ${var.github_repository}"
  assume_role_policy   = data.aws_iam_policy_document.github_trust[each.key].json
  permissions_boundary = aws_iam_policy.boundary.arn
  max_session_duration = 3600

  depends_on = [aws_iam_openid_connect_provider.github]
}

data "aws_iam_policy_document" "deploy" {
  # checkov:skip=CKV_AWS_356:What names every resource only looks, and a test reads it.

  statement {
    sid       = "PointAtImage"
    actions   = ["ssm:GetParameter", "ssm:PutParameter"]
    resources = ["${local.parameters}/image-id", "${local.parameters}/release"]
  }

  statement {
    sid       = "RollFleets"
    actions   = ["autoscaling:StartInstanceRefresh", "autoscaling:RollbackInstanceRefresh", "autoscaling:CancelInstanceRefresh"]
    resources = ["arn:aws:autoscaling:${local.region}:${var.account_id}:autoScalingGroup:*:autoScalingGroupName/${var.name}-*"]
  }

  statement {
    sid     = "SnapshotDatabase"
    actions = ["rds:CreateDBSnapshot", "rds:AddTagsToResource"]
    resources = [
      "arn:aws:rds:${local.region}:${var.account_id}:db:${var.name}",
      "arn:aws:rds:${local.region}:${var.account_id}:snapshot:${var.name}-*",
    ]
  }

  statement {
    sid       = "RefreshEdge"
    actions   = ["cloudfront:CreateInvalidation"]
    resources = ["arn:aws:cloudfront::${var.account_id}:distribution/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Environment"
      values   = [var.environment]
    }
  }

  statement {
    sid = "Look"
    actions = [
      "autoscaling:DescribeAutoScalingGroups",
      "autoscaling:DescribeInstanceRefreshes",
      "cloudwatch:DescribeAlarms",
      "ec2:DescribeImages",
      "elasticloadbalancing:DescribeTargetHealth",
      "rds:DescribeDBSnapshots",
    ]
    # Descriptions know no resource.
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "github" {
  for_each = local.github

  name   = "release"
  role   = aws_iam_role.github[each.key].id
  policy = data.aws_iam_policy_document.deploy.json
}

data "aws_iam_policy_document" "people_trust" {
  for_each = local.people

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = var.operator_principal_arns
    }

    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
}

resource "aws_iam_role" "people" {
  for_each = local.people

  name                 = "${var.name}-${each.key}"
  description          = "People acting as ${each.key}; asks for a second factor"
  assume_role_policy   = data.aws_iam_policy_document.people_trust[each.key].json
  max_session_duration = 3600
}

resource "aws_iam_role_policy_attachment" "read_only" {
  for_each = setintersection(local.people, ["read-only"])

  role       = aws_iam_role.people[each.key].name
  policy_arn = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
}

resource "aws_iam_role_policy" "deployer" {
  for_each = setintersection(local.people, ["deployer"])

  name   = "release"
  role   = aws_iam_role.people[each.key].id
  policy = data.aws_iam_policy_document.deploy.json
}

# The glass to break when nothing else opens: everything, for an hour, with a second factor.
resource "aws_iam_role_policy_attachment" "break_glass" {
  # checkov:skip=CKV_AWS_274:This role is for when nothing else opens: an hour, with a second factor.

  for_each = setintersection(local.people, ["break-glass"])

  role       = aws_iam_role.people[each.key].name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

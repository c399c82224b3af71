# What GitHub's pipeline may become.

locals {
  github          = var.github_repository == null ? toset([]) : toset(["build", "deploy", "plan"])
  github_provider = "arn:aws:iam::${var.account_id}:oidc-provider/token.actions.githubusercontent.com"
  images          = "arn:aws:ssm:${local.region}:${var.account_id}:parameter/webmarket/images/*"
  templates       = "arn:aws:ec2:${local.region}:${var.account_id}:launch-template/*"
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
      # A pull request may see what would change, and nothing more. Where a release is approved, it is the approved environment
      # that is trusted: a branch would let any workflow on it go past the approval.
      values = concat(
        each.key == "deploy" && length(var.github_environments) > 0 ? [
          for name in var.github_environments : "repo:${var.github_repository}:environment:${name}"
        ] : ["repo:${var.github_repository}:ref:refs/heads/${var.github_branch}"],
        each.key == "plan" ? ["repo:${var.github_repository}:pull_request"] : [],
      )
    }
  }
}

resource "aws_iam_role" "github" {
  for_each = local.github

  name                 = "${var.name}-github-${each.key}"
  description          = "The pipeline of ${var.github_repository} for ${var.name}: ${each.key}"
  assume_role_policy   = data.aws_iam_policy_document.github_trust[each.key].json
  permissions_boundary = each.key == "deploy" ? aws_iam_policy.boundary.arn : null
  max_session_duration = 7200 # A snapshot and two fleets, each with a look half-way.

  depends_on = [aws_iam_openid_connect_provider.github]
}

data "aws_iam_policy_document" "deploy" {
  # checkov:skip=CKV_AWS_356:What names every resource only looks, and a test reads it.

  statement {
    sid       = "ReadReleases"
    actions   = ["ssm:GetParameter"]
    resources = ["${local.parameters}/release", local.images]
  }

  statement {
    sid       = "PointAtImage"
    actions   = ["ssm:PutParameter"]
    resources = ["${local.parameters}/image-id", "${local.parameters}/release"]
  }

  # One release at a time: who creates the parameter has the lock.
  statement {
    sid       = "LockReleases"
    actions   = ["ssm:GetParameter", "ssm:PutParameter", "ssm:DeleteParameter"]
    resources = ["${local.parameters}/release-lock"]
  }

  # A release names its image in a new version of the launch template. Who points a fleet at a template must be able to
  # start what it describes; here that is our templates alone, and the roles that they carry.
  statement {
    sid       = "NameImage"
    actions   = ["ec2:CreateLaunchTemplateVersion"]
    resources = [local.templates]
  }

  statement {
    sid       = "StartFromOwnTemplates"
    actions   = ["ec2:RunInstances"]
    resources = ["arn:aws:ec2:${local.region}:${var.account_id}:*/*", "arn:aws:ec2:${local.region}::image/*"]

    condition {
      test     = "ArnLike"
      variable = "ec2:LaunchTemplate"
      values   = [local.templates]
    }
  }

  # The volumes of what is started are encrypted with it.
  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      sid       = "EncryptVolumes"
      actions   = ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncrypt*"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["ec2.${local.region}.amazonaws.com"]
      }
    }
  }

  statement {
    sid       = "TagWhatIsStarted"
    actions   = ["ec2:CreateTags"]
    resources = ["arn:aws:ec2:${local.region}:${var.account_id}:*/*"]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["RunInstances", "CreateLaunchTemplateVersion"]
    }
  }

  statement {
    sid       = "GiveOwnRoles"
    actions   = ["iam:PassRole"]
    resources = [for service in local.services : "arn:aws:iam::${var.account_id}:role/${var.name}-${service}"]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ec2.amazonaws.com"]
    }
  }

  # The one instance that migrates: run by Session Manager, then terminated.
  statement {
    sid       = "EndMigratingInstance"
    actions   = ["ec2:TerminateInstances"]
    resources = ["arn:aws:ec2:${local.region}:${var.account_id}:instance/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Role"
      values   = ["migrate"]
    }
  }

  statement {
    sid       = "TellMigratingInstance"
    actions   = ["ssm:SendCommand"]
    resources = ["arn:aws:ec2:${local.region}:${var.account_id}:instance/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Role"
      values   = ["migrate"]
    }
  }

  statement {
    sid       = "TellByScript"
    actions   = ["ssm:SendCommand"]
    resources = ["arn:aws:ssm:${local.region}::document/AWS-RunShellScript"]
  }

  statement {
    sid       = "RollFleets"
    actions   = ["autoscaling:StartInstanceRefresh", "autoscaling:RollbackInstanceRefresh", "autoscaling:UpdateAutoScalingGroup"]
    resources = ["arn:aws:autoscaling:${local.region}:${var.account_id}:autoScalingGroup:*:autoScalingGroupName/${var.name}-*"]
  }

  statement {
    sid     = "SnapshotDatabase"
    actions = ["rds:CreateDBSnapshot"]
    resources = [
      "arn:aws:rds:${local.region}:${var.account_id}:db:${var.name}",
      "arn:aws:rds:${local.region}:${var.account_id}:snapshot:${var.name}-before-*",
    ]
  }

  statement {
    sid       = "TagSnapshot"
    actions   = ["rds:AddTagsToResource"]
    resources = ["arn:aws:rds:${local.region}:${var.account_id}:snapshot:${var.name}-before-*"]
  }

  statement {
    sid       = "ForgetOldSnapshots"
    actions   = ["rds:DeleteDBSnapshot"]
    resources = ["arn:aws:rds:${local.region}:${var.account_id}:snapshot:${var.name}-before-*"]
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
      "ec2:DescribeLaunchTemplateVersions",
      "rds:DescribeDBSnapshots",
      "ssm:DescribeInstanceInformation",
      "ssm:GetCommandInvocation",
    ]
    # Describe actions take no resource.
    resources = ["*"]
  }
}

# What Packer asks of EC2, on what it makes itself: https://developer.hashicorp.com/packer/integrations/hashicorp/amazon
data "aws_iam_policy_document" "build" {
  statement {
    sid = "MakeImage"
    actions = [
      "ec2:AttachVolume", "ec2:AuthorizeSecurityGroupIngress", "ec2:CopyImage", "ec2:CreateImage", "ec2:CreateKeyPair",
      "ec2:CreateSecurityGroup", "ec2:CreateSnapshot", "ec2:CreateTags", "ec2:CreateVolume", "ec2:ModifyImageAttribute",
      "ec2:ModifyInstanceAttribute", "ec2:ModifySnapshotAttribute", "ec2:RegisterImage", "ec2:RunInstances",
    ]
    # It makes these, so their names are not known before.
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [local.region]
    }
  }

  statement {
    sid = "RemoveWhatItMade"
    actions = [
      "ec2:DeleteKeyPair", "ec2:DeleteSecurityGroup", "ec2:DeleteSnapshot", "ec2:DeleteVolume", "ec2:DeregisterImage",
      "ec2:DetachVolume", "ec2:StopInstances", "ec2:TerminateInstances",
    ]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Project"
      values   = ["webmarket"]
    }
  }

  statement {
    sid       = "KeepImages"
    actions   = ["ssm:DeleteParameter", "ssm:GetParameter", "ssm:PutParameter"]
    resources = [local.images]
  }

  # Of every environment of the account: an image that one of them may go back to is not forgotten.
  statement {
    sid       = "ReadWhatIsUsed"
    actions   = ["ssm:GetParameter"]
    resources = [for name in ["image-id", "release"] : "arn:aws:ssm:${local.region}:${var.account_id}:parameter/webmarket/*/${name}"]
  }

  statement {
    sid = "Look"
    actions = [
      "ec2:DescribeImages", "ec2:DescribeInstances", "ec2:DescribeInstanceStatus", "ec2:DescribeRegions", "ec2:DescribeSecurityGroups",
      "ec2:DescribeSnapshots", "ec2:DescribeSubnets", "ec2:DescribeTags", "ec2:DescribeVolumes", "ec2:DescribeVpcs",
    ]
    # Describe actions take no resource.
    resources = ["*"]
  }
}

# A plan reads what is there, and what it runs is written by the author of a pull request. ReadOnlyAccess reads the whole
# account: of what is kept there, this environment's state and settings are left, and no more.
data "aws_iam_policy_document" "plan" {
  statement {
    sid    = "NeverReadSecretsOrLogs"
    effect = "Deny"
    actions = [
      "logs:FilterLogEvents", "logs:GetLogEvents", "logs:GetQueryResults", "logs:StartLiveTail", "logs:StartQuery",
      "rds:DownloadCompleteDBLogFile", "rds:DownloadDBLogFilePortion", "secretsmanager:GetSecretValue", "sqs:ReceiveMessage",
    ]
    resources = ["*"]
  }

  statement {
    sid     = "ReadNoObjectButOwnState"
    effect  = "Deny"
    actions = ["s3:GetObject", "s3:GetObjectAttributes", "s3:GetObjectTorrent", "s3:GetObjectVersion", "s3:GetObjectVersionTorrent"]
    # Whatever the bucket of the states is called.
    not_resources = ["arn:aws:s3:::*/webmarket/${var.environment}.tfstate"]
  }

  statement {
    sid           = "ReadNoParameterButOwn"
    effect        = "Deny"
    actions       = ["ssm:GetParameter", "ssm:GetParameterHistory", "ssm:GetParameters", "ssm:GetParametersByPath"]
    not_resources = [local.parameters, "${local.parameters}/*"]
  }
}

resource "aws_iam_role_policy_attachment" "plan" {
  for_each = setintersection(local.github, ["plan"])

  role       = aws_iam_role.github[each.key].name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_role_policy" "github" {
  for_each = {
    for role, policy in {
      build  = data.aws_iam_policy_document.build.json
      deploy = data.aws_iam_policy_document.deploy.json
      plan   = data.aws_iam_policy_document.plan.json
    } : role => policy if contains(local.github, role)
  }

  name   = "release"
  role   = aws_iam_role.github[each.key].id
  policy = each.value
}

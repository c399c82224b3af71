# The most that a role of the shop can ever be given, whatever is attached to it later. It grants nothing by itself, which is
# why whole services may stand here.
data "aws_iam_policy_document" "boundary" {
  # checkov:skip=CKV_AWS_108:A ceiling grants nothing.
  # checkov:skip=CKV_AWS_109:A ceiling grants nothing.
  # checkov:skip=CKV_AWS_111:A ceiling grants nothing.
  # checkov:skip=CKV_AWS_356:A ceiling grants nothing.

  statement {
    sid = "Ceiling"
    actions = [
      "acm:Describe*", "acm:List*", "autoscaling:*", "budgets:ViewBudget", "ce:GetCostAndUsage", "cloudfront:CreateInvalidation", "cloudtrail:Describe*", "cloudtrail:GetTrailStatus", "cloudwatch:*", "dynamodb:Describe*", "dynamodb:ListTables", "ec2:Describe*", "ec2:GetEbsEncryptionByDefault", "ecr:DescribeRepositories", "ecr:GetRepositoryPolicy", "elasticfilesystem:Describe*", "ec2:CreateLaunchTemplateVersion", "ec2:RunInstances", "ec2:TerminateInstances", "ec2:CreateTags", "ec2:DeleteSnapshot",
      "ec2:DeleteTags", "ec2:StartInstances", "ec2:StopInstances", "rds:StartDBInstance", "rds:StopDBInstance", "rds:RemoveTagsFromResource",
      "ec2messages:*", "elasticache:Describe*", "elasticloadbalancing:Describe*", "guardduty:Get*", "guardduty:List*", "iam:Get*", "iam:List*", "kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*", "kms:GetKey*", "kms:GetPublicKey", "kms:ListKeys", "kms:ReEncrypt*", "kms:Sign", "lambda:GetPolicy", "lambda:ListFunctions", "logs:*", "rds:Describe*",
      "rds:CreateDBSnapshot", "rds:CopyDBSnapshot", "rds:DeleteDBSnapshot", "rds:CreateDBInstance", "rds:DeleteDBInstance",
      "rds:AddTagsToResource", "rds:RestoreDBInstanceFromDBSnapshot", "rds:RestoreDBInstanceToPointInTime", "s3:*",
      "secretsmanager:GetSecretValue", "secretsmanager:ListSecrets", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage", "sns:GetTopicAttributes", "sns:ListTopics", "sns:Publish", "sqs:*", "ssm:*", "ssmmessages:*", "xray:Get*", "xray:Put*",
    ]
    resources = ["*"]
  }

  # Only to give a role of the shop to an instance of its own.
  statement {
    sid       = "GiveOwnRoles"
    actions   = ["iam:PassRole"]
    resources = ["arn:aws:iam::${var.account_id}:role/${var.name}-*"]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ec2.amazonaws.com"]
    }
  }

  statement {
    sid    = "NeverTouchIdentityOrTraces"
    effect = "Deny"
    actions = [
      "iam:Add*", "iam:Attach*", "iam:Create*", "iam:Delete*", "iam:Detach*", "iam:Put*", "iam:Remove*", "iam:Set*", "iam:Update*",
    "organizations:*", "account:*", "cloudtrail:Add*", "cloudtrail:Create*", "cloudtrail:Delete*", "cloudtrail:Put*", "cloudtrail:Remove*", "cloudtrail:Start*", "cloudtrail:Stop*", "cloudtrail:Update*", "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "boundary" {
  name        = "${var.name}-boundary"
  description = "The most that any service role of ${var.name} can be given"
  policy      = data.aws_iam_policy_document.boundary.json
}

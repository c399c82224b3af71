locals {
  # In a second region too.
  snapshots        = "arn:aws:rds:*:${var.account_id}:snapshot:snap-${var.name}-*"
  copies_snapshots = var.snapshot_copies != null

  stopped_by_timetable = {
    Groups = {
      actions   = ["autoscaling:CreateOrUpdateTags", "autoscaling:DeleteTags", "autoscaling:UpdateAutoScalingGroup"]
      resources = "arn:aws:autoscaling:${local.region}:${var.account_id}:autoScalingGroup:*:autoScalingGroupName/*"
    }
    Instances = {
      actions   = ["ec2:CreateTags", "ec2:DeleteTags", "ec2:StartInstances", "ec2:StopInstances"]
      resources = "arn:aws:ec2:${local.region}:${var.account_id}:instance/*"
    }
    Databases = {
      actions   = ["rds:AddTagsToResource", "rds:RemoveTagsFromResource", "rds:StartDBInstance", "rds:StopDBInstance"]
      resources = "arn:aws:rds:${local.region}:${var.account_id}:db:*"
    }
  }
}

# Workers also take tasks, keep the data lake and run the operations: backups, the timetable, the audit.
data "aws_iam_policy_document" "workers" {
  # checkov:skip=CKV_AWS_356:What names every resource only looks, and a test reads it.

  source_policy_documents = [data.aws_iam_policy_document.common.json]

  statement {
    sid       = "SendTasks"
    actions   = ["sqs:SendMessage"]
    resources = var.queue_arns
  }

  statement {
    sid       = "TakeTasks"
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"]
    resources = var.queue_arns
  }

  statement {
    sid       = "KeepLakeAndBackups"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${var.bucket_arns["lake"]}/*", "${var.bucket_arns["backups"]}/*"]
  }

  # The tag that holds a backup is read before it is deleted.
  statement {
    sid       = "ForgetOldExports"
    actions   = ["s3:DeleteObject", "s3:GetObjectTagging"]
    resources = ["${var.bucket_arns["backups"]}/database/*"]
  }

  statement {
    sid       = "ListLakeAndBackups"
    actions   = ["s3:ListBucket"]
    resources = [var.bucket_arns["lake"], var.bucket_arns["backups"]]
  }

  statement {
    sid       = "SnapshotDatabase"
    actions   = ["rds:CreateDBSnapshot"]
    resources = ["arn:aws:rds:${local.region}:${var.account_id}:db:${var.name}", local.snapshots]
  }

  statement {
    sid       = "TagSnapshots"
    actions   = ["rds:AddTagsToResource"]
    resources = [local.snapshots]
  }

  # In a second region too.
  statement {
    sid       = "ForgetOldSnapshots"
    actions   = ["rds:DeleteDBSnapshot"]
    resources = [local.snapshots]

    condition {
      test     = "StringEquals"
      variable = "rds:db-snapshot-tag/MadeBy"
      values   = ["webmarket-backup"]
    }
  }

  # Of volumes that an operator took a snapshot of by the same tag.
  statement {
    sid       = "ForgetOldVolumeSnapshots"
    actions   = ["ec2:DeleteSnapshot"]
    resources = ["arn:aws:ec2:${local.region}::snapshot/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/MadeBy"
      values   = ["webmarket-backup"]
    }
  }

  # A backup is restored into an instance of its own, which goes when it was looked at.
  statement {
    sid       = "TryRestores"
    actions   = ["rds:CreateDBInstance", "rds:DeleteDBInstance", "rds:AddTagsToResource"]
    resources = ["arn:aws:rds:${local.region}:${var.account_id}:db:restore-check-${var.name}-*"]
  }

  statement {
    sid     = "PlaceRestores"
    actions = ["rds:CreateDBInstance"]
    resources = [
      "arn:aws:rds:${local.region}:${var.account_id}:subgrp:${var.name}",
      "arn:aws:rds:${local.region}:${var.account_id}:og:default:*",
      "arn:aws:rds:${local.region}:${var.account_id}:pg:default.*",
    ]
  }

  # A snapshot or a moment of the shop's database goes into a new instance, which nothing here may delete.
  statement {
    sid     = "RestoreInstances"
    actions = ["rds:RestoreDBInstanceFromDBSnapshot", "rds:RestoreDBInstanceToPointInTime"]
    resources = [
      "arn:aws:rds:${local.region}:${var.account_id}:db:${var.name}-restored-*",
      "arn:aws:rds:${local.region}:${var.account_id}:pg:${var.name}-*",
      "arn:aws:rds:${local.region}:${var.account_id}:subgrp:${var.name}",
    ]
  }

  statement {
    sid       = "RestoreSnapshots"
    actions   = ["rds:RestoreDBInstanceFromDBSnapshot"]
    resources = [local.snapshots]
  }

  statement {
    sid       = "RestoreMoments"
    actions   = ["rds:RestoreDBInstanceToPointInTime"]
    resources = ["arn:aws:rds:${local.region}:${var.account_id}:db:${var.name}"]
  }

  statement {
    sid       = "TagRestoredInstances"
    actions   = ["rds:AddTagsToResource"]
    resources = ["arn:aws:rds:${local.region}:${var.account_id}:db:${var.name}-restored-*"]
  }

  statement {
    sid       = "TellPeople"
    actions   = ["sns:Publish"]
    resources = ["arn:aws:sns:${local.region}:${var.account_id}:${var.name}-alarms"]
  }

  statement {
    sid       = "EndDrainedHosts"
    actions   = ["autoscaling:CompleteLifecycleAction"]
    resources = ["arn:aws:autoscaling:${local.region}:${var.account_id}:autoScalingGroup:*:autoScalingGroupName/${var.name}-workers"]
  }

  # By their tag, whatever their name: what is tagged otherwise cannot be stopped from here.
  dynamic "statement" {
    for_each = var.stops_dev ? local.stopped_by_timetable : {}

    content {
      sid       = "KeepDev${statement.key}ToTheTimetable"
      actions   = statement.value.actions
      resources = [statement.value.resources]

      condition {
        test     = "StringEquals"
        variable = "aws:ResourceTag/Environment"
        values   = ["dev"]
      }
    }
  }

  statement {
    sid = "Look"
    actions = [
      "autoscaling:DescribeAutoScalingGroups",
      "cloudwatch:DescribeAlarms",
      "cloudwatch:GetMetricData",
      "ec2:DescribeInstanceAttribute",
      "ec2:DescribeInstances",
      "elasticloadbalancing:DescribeTargetHealth",
      "rds:DescribeDBInstances",
      "rds:DescribeDBSnapshotAttributes",
      "rds:DescribeDBSnapshots",
    ]
    # Describe actions take no resource.
    resources = ["*"]
  }

  # What audit_infra asks, and nothing that it does not: a test compares the two.
  statement {
    sid = "Audit"
    actions = [
      "acm:DescribeCertificate",
      "acm:ListCertificates",
      "autoscaling:DescribeAutoScalingGroups",
      "budgets:ViewBudget",
      "ce:GetCostAndUsage",
      "cloudtrail:DescribeTrails",
      "cloudtrail:GetTrailStatus",
      "cloudwatch:DescribeAlarms",
      "cloudwatch:GetMetricData",
      "dynamodb:DescribeContinuousBackups",
      "dynamodb:ListTables",
      "ec2:DescribeAddresses",
      "ec2:DescribeFlowLogs",
      "ec2:DescribeImages",
      "ec2:DescribeInstances",
      "ec2:DescribeLaunchTemplateVersions",
      "ec2:DescribeNatGateways",
      "ec2:DescribeNetworkAcls",
      "ec2:DescribeReservedInstances",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSnapshotAttribute",
      "ec2:DescribeSnapshots",
      "ec2:DescribeVolumes",
      "ec2:DescribeVpcEndpoints",
      "ec2:DescribeVpcs",
      "ec2:GetEbsEncryptionByDefault",
      "ecr:DescribeRepositories",
      "ecr:GetRepositoryPolicy",
      "elasticache:DescribeReplicationGroups",
      "elasticfilesystem:DescribeFileSystems",
      "elasticloadbalancing:DescribeListeners",
      "elasticloadbalancing:DescribeLoadBalancerAttributes",
      "elasticloadbalancing:DescribeLoadBalancers",
      "elasticloadbalancing:DescribeTargetGroups",
      "elasticloadbalancing:DescribeTargetHealth",
      "guardduty:GetDetector",
      "guardduty:ListDetectors",
      "iam:GetAccountAuthorizationDetails",
      "iam:GetAccountPasswordPolicy",
      "iam:GetAccountSummary",
      "iam:GetLoginProfile",
      "iam:ListAccessKeys",
      "iam:ListMFADevices",
      "kms:DescribeKey",
      "kms:GetKeyPolicy",
      "kms:GetKeyRotationStatus",
      "kms:ListKeys",
      "lambda:GetPolicy",
      "lambda:ListFunctions",
      "logs:DescribeLogGroups",
      "rds:DescribeDBInstances",
      "rds:DescribeDBSnapshotAttributes",
      "rds:DescribeDBSnapshots",
      "rds:DescribeReservedDBInstances",
      "s3:GetAccountPublicAccessBlock",
      "s3:GetBucketAcl",
      "s3:GetBucketLocation",
      "s3:GetBucketPolicy",
      "s3:GetBucketPolicyStatus",
      "s3:GetBucketPublicAccessBlock",
      "s3:GetBucketVersioning",
      "s3:GetEncryptionConfiguration",
      "s3:GetLifecycleConfiguration",
      "s3:ListAllMyBuckets",
      "secretsmanager:ListSecrets",
      "sns:GetTopicAttributes",
      "sns:ListTopics",
      "sqs:GetQueueAttributes",
      "sqs:ListQueues",
    ]
    # The whole account is what it looks at.
    resources = ["*"]
  }
}

# Apart from the rest, whose text a plan can then show before the key of the second region is there.
data "aws_iam_policy_document" "snapshot_copies" {
  count = local.copies_snapshots ? 1 : 0

  statement {
    sid       = "CopySnapshots"
    actions   = ["rds:CopyDBSnapshot"]
    resources = [local.snapshots]
  }

  statement {
    sid       = "EncryptCopiesOfSnapshots"
    actions   = ["kms:CreateGrant", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncrypt*"]
    resources = [var.snapshot_copies.kms_key_arn]

    condition {
      test     = "StringLike"
      variable = "kms:ViaService"
      values   = ["rds.*.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "snapshot_copies" {
  count = local.copies_snapshots ? 1 : 0

  name   = "snapshot-copies"
  role   = aws_iam_role.service["workers"].id
  policy = data.aws_iam_policy_document.snapshot_copies[0].json
}

# Apart from the rest, whose text a plan can then show before the key is there.
data "aws_iam_policy_document" "signatures" {
  statement {
    sid       = "ReadKeyOfBackups"
    actions   = ["kms:GetPublicKey"]
    resources = [var.signing_key.arn]
  }

  statement {
    sid       = "SignBackups"
    actions   = ["kms:Sign"]
    resources = [var.signing_key.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:SigningAlgorithm"
      values   = ["ECDSA_SHA_256"]
    }
  }
}

resource "aws_iam_role_policy" "signatures" {
  name   = "signatures"
  role   = aws_iam_role.service["workers"].id
  policy = data.aws_iam_policy_document.signatures.json
}

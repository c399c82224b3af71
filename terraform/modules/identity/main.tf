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

# The master user's password, of this database alone, for the instance that migrates alone. Apart from the rest, whose text a
# plan can then show before the database is there.
data "aws_iam_policy_document" "database" {
  statement {
    sid       = "ReadMasterPassword"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [local.master_secret]
  }
}

resource "aws_iam_role_policy" "database" {
  name   = "database"
  role   = aws_iam_role.service["migrate"].id
  policy = data.aws_iam_policy_document.database.json
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

# What every instance needs to boot, serve files and be watched.
data "aws_iam_policy_document" "common" {
  # checkov:skip=CKV_AWS_111:The agent's channels have no name before it opens them.
  # checkov:skip=CKV_AWS_356:The agent's channels have no name before it opens them.

  statement {
    sid       = "ReadOwnSecrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = local.host_secrets
  }

  statement {
    sid       = "ReadOwnSettings"
    actions   = ["ssm:GetParametersByPath"]
    resources = ["${local.parameters}/settings", "${local.parameters}/settings/*"]
  }

  # Session Manager instead of SSH, and the command that migrates: AmazonSSMManagedInstanceCore without its right to read
  # every parameter of the account.
  statement {
    sid = "SessionManager"
    actions = [
      "ec2messages:AcknowledgeMessage", "ec2messages:DeleteMessage", "ec2messages:FailMessage", "ec2messages:GetEndpoint",
      "ec2messages:GetMessages", "ec2messages:SendReply", "ssm:DescribeAssociation", "ssm:DescribeDocument", "ssm:GetDocument",
      "ssm:GetManifest", "ssm:ListAssociations", "ssm:ListInstanceAssociations", "ssm:PutComplianceItems",
      "ssm:PutConfigurePackageResult", "ssm:PutInventory", "ssm:UpdateAssociationStatus",
      "ssm:UpdateInstanceAssociationStatus", "ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel",
      "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
    ]
    # The agent's own channels, which have no name before it opens them.
    resources = ["*"]
  }

  statement {
    sid       = "ReadFiles"
    actions   = ["s3:GetObject"]
    resources = [for folder in ["media", "static", "documents", "uploads"] : "${var.bucket_arns["files"]}/${folder}/*"]
  }

  statement {
    sid       = "KeepFiles"
    actions   = ["s3:PutObject", "s3:DeleteObject"]
    resources = [for folder in ["media", "documents"] : "${var.bucket_arns["files"]}/${folder}/*"]
  }

  statement {
    sid       = "ForgetUploads"
    actions   = ["s3:DeleteObject"]
    resources = ["${var.bucket_arns["files"]}/uploads/*"]
  }

  statement {
    sid       = "ListFiles"
    actions   = ["s3:ListBucket"]
    resources = [var.bucket_arns["files"]]
  }

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    resources = [local.logs]
  }

  statement {
    sid     = "PutMetrics"
    actions = ["cloudwatch:PutMetricData"]
    # The action takes no resource; the namespace limits it.
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = ["WebMarket/${var.environment}"]
    }
  }

  # The agent's metrics say which group an instance is of; that is a tag.
  statement {
    sid       = "FindOwnGroup"
    actions   = ["ec2:DescribeTags"]
    resources = ["*"]
  }

  dynamic "statement" {
    for_each = var.tracing ? [1] : []

    content {
      sid     = "SendTraces"
      actions = ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"]
      # X-Ray takes no resource for these.
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      sid       = "UseKey"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }
}

data "aws_iam_policy_document" "web" {
  # checkov:skip=CKV_AWS_111:As for what every instance needs.
  # checkov:skip=CKV_AWS_356:As for what every instance needs.

  source_policy_documents = [data.aws_iam_policy_document.common.json]

  statement {
    sid       = "SendTasks"
    actions   = ["sqs:SendMessage"]
    resources = var.queue_arns
  }

  # Browsers of the admin send pictures by addresses that a web host signs.
  statement {
    sid       = "TakeUploads"
    actions   = ["s3:PutObject"]
    resources = ["${var.bucket_arns["files"]}/uploads/*"]
  }

  # The admin's page of dead letters; the queues with work in them stay the workers'.
  statement {
    sid       = "SettleDeadLetters"
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"]
    resources = [for queue in var.queue_arns : "${queue}-dead"]
  }
}

# The instance that migrates puts static files, and gives the shop's own user of the database another password.
data "aws_iam_policy_document" "migrate" {
  # checkov:skip=CKV_AWS_111:As for what every instance needs.
  # checkov:skip=CKV_AWS_356:As for what every instance needs.

  source_policy_documents = [data.aws_iam_policy_document.common.json]

  statement {
    sid       = "PutStaticFiles"
    actions   = ["s3:PutObject", "s3:DeleteObject"]
    resources = ["${var.bucket_arns["files"]}/static/*"]
  }

  statement {
    sid       = "ChangePasswordOfShop"
    actions   = ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"]
    resources = ["${local.secrets}/database-user-??????"]
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

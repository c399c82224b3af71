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

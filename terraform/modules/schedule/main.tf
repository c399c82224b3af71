# What is started from outside the shop, because the shop's own scheduler may be what is silent: a backup, where the last
# whole one is too old. A worker reads the message as if beat had sent it.

data "aws_region" "current" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_iam_role" "this" {
  name               = "${var.name}-scheduler"
  description        = "EventBridge Scheduler of ${var.name}: sends one message to the queue of operations"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "send" {
  statement {
    sid       = "SendTask"
    actions   = ["sqs:SendMessage"]
    resources = [var.queue_arn]
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      sid       = "EncryptMessage"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["sqs.${data.aws_region.current.name}.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role_policy" "send" {
  name   = "send"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.send.json
}

resource "aws_scheduler_schedule" "backup" {
  # checkov:skip=CKV_AWS_297:The message names a task and holds nothing else.

  name                         = "${var.name}-backup"
  description                  = "A backup, where the shop's own scheduler has started none"
  schedule_expression          = "cron(0 ${var.hour} * * ? *)"
  schedule_expression_timezone = "UTC"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = var.queue_arn
    role_arn = aws_iam_role.this.arn
    input    = base64encode(file("${path.module}/backup.json")) # kombu reads SQS's messages as base64.

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 20
    }
  }

  # The role holds its right before anything is sent.
  depends_on = [aws_iam_role_policy.send]
}

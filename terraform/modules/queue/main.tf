data "aws_region" "current" {}

locals {
  # Built from names, so that policies can be planned and tested before the queues exist.
  names = merge(
    { for queue in var.queues : queue => "${var.name}-${queue}" },
    { for queue in var.queues : "${queue}-dead" => "${var.name}-${queue}-dead" },
  )
  arns = { for key, name in local.names : key => "arn:aws:sqs:${data.aws_region.current.name}:${var.account_id}:${name}" }
}

resource "aws_sqs_queue" "dead" {
  for_each = var.queues

  name                      = local.names["${each.key}-dead"]
  message_retention_seconds = 1209600 # Two weeks, the most that SQS allows.
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  kms_master_key_id         = var.kms_key_arn
  policy                    = data.aws_iam_policy_document.tls["${each.key}-dead"].json
}

resource "aws_sqs_queue" "this" {
  for_each = var.queues

  name                       = local.names[each.key]
  visibility_timeout_seconds = var.visibility_seconds
  message_retention_seconds  = 345600
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = var.kms_key_arn == null ? true : null
  kms_master_key_id          = var.kms_key_arn
  policy                     = data.aws_iam_policy_document.tls[each.key].json
  redrive_policy             = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead[each.key].arn, maxReceiveCount = var.attempts })
}

data "aws_iam_policy_document" "tls" {
  for_each = local.names

  statement {
    sid    = "TlsOnly"
    effect = "Deny"
    # A refusal names everybody and everything: that is what makes it one.
    actions   = ["sqs:*"]
    resources = [local.arns[each.key]]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

data "aws_elb_service_account" "this" {}

data "aws_iam_policy_document" "tls" {
  for_each = local.buckets

  statement {
    sid    = "TlsOnly"
    effect = "Deny"
    # A refusal names everybody and everything: that is what makes it one.
    actions   = ["s3:*"]
    resources = ["arn:aws:s3:::${local.names[each.key]}", "arn:aws:s3:::${local.names[each.key]}/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

data "aws_iam_policy_document" "bucket" {
  for_each = { for key, bucket in local.buckets : key => bucket if key != "logs" }

  source_policy_documents = [data.aws_iam_policy_document.tls[each.key].json]

  dynamic "statement" {
    for_each = each.key == "files" && length(var.distribution_arns) > 0 ? [1] : []

    content {
      sid       = "ReadByCloudFront"
      actions   = ["s3:GetObject"]
      resources = [for folder in ["static", "media", "documents"] : "arn:aws:s3:::${local.names[each.key]}/${folder}/*"]

      principals {
        type        = "Service"
        identifiers = ["cloudfront.amazonaws.com"]
      }

      condition {
        test     = "StringEquals"
        variable = "AWS:SourceArn"
        values   = var.distribution_arns
      }
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  for_each = data.aws_iam_policy_document.bucket

  bucket = aws_s3_bucket.this[each.key].id
  policy = each.value.json

  depends_on = [aws_s3_bucket_public_access_block.this]
}

# Apart from the others, which name the distribution and so wait for its certificate: whoever writes logs waits for this
# one, and AWS refuses a balancer that comes before it.
data "aws_iam_policy_document" "logs" {
  source_policy_documents = [data.aws_iam_policy_document.tls["logs"].json]

  statement {
    sid       = "BalancerLogs"
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::${local.names["logs"]}/balancer/AWSLogs/${var.account_id}/*"]

    principals {
      type        = "AWS"
      identifiers = [data.aws_elb_service_account.this.arn]
    }
  }

  # Each bucket writes into its own folder.
  dynamic "statement" {
    for_each = [for key in keys(local.buckets) : key if key != "logs"]

    content {
      sid       = "LogsOf${title(statement.value)}"
      actions   = ["s3:PutObject"]
      resources = ["arn:aws:s3:::${local.names["logs"]}/s3/${statement.value}/*"]

      principals {
        type        = "Service"
        identifiers = ["logging.s3.amazonaws.com"]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = ["arn:aws:s3:::${local.names[statement.value]}"]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [var.account_id]
      }
    }
  }
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.this["logs"].id
  policy = data.aws_iam_policy_document.logs.json

  depends_on = [aws_s3_bucket_public_access_block.this]
}

moved {
  from = aws_s3_bucket_policy.this["logs"]
  to   = aws_s3_bucket_policy.logs
}

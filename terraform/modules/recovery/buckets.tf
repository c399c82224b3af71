locals {
  copies = { for key in keys(var.buckets) : key => "${var.name}-${key}-copy-${var.account_id}" }
}

resource "aws_s3_bucket" "copy" {
  # checkov:skip=CKV_AWS_18:What is copied was logged where it was written.
  # checkov:skip=CKV_AWS_21:All of them, below.
  # checkov:skip=CKV_AWS_144:It is the copy.
  # checkov:skip=CKV2_AWS_62:Nothing acts on what arrives.

  for_each = local.copies

  provider = aws.second

  bucket = each.value
  # S3 copies what is locked into a bucket that locks.
  object_lock_enabled = each.key == "backups"

  tags = { Name = each.value }
}

resource "aws_s3_bucket_public_access_block" "copy" {
  for_each = local.copies

  provider = aws.second

  bucket                  = aws_s3_bucket.copy[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "copy" {
  for_each = local.copies

  provider = aws.second

  bucket = aws_s3_bucket.copy[each.key].id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.this.arn
    }
  }
}

resource "aws_s3_bucket_versioning" "copy" {
  for_each = local.copies

  provider = aws.second

  bucket = aws_s3_bucket.copy[each.key].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "copy" {
  for_each = local.copies

  provider = aws.second

  bucket = aws_s3_bucket.copy[each.key].id

  rule {
    id     = "old-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.keep_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.copy]
}

data "aws_iam_policy_document" "copy" {
  for_each = local.copies

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["arn:aws:s3:::${each.value}", "arn:aws:s3:::${each.value}/*"]

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

  dynamic "statement" {
    for_each = each.key == "files" ? [var.distribution_arn] : []

    content {
      sid       = "ReadByCloudFront"
      actions   = ["s3:GetObject"]
      resources = [for folder in ["static", "media", "documents"] : "arn:aws:s3:::${each.value}/${folder}/*"]

      principals {
        type        = "Service"
        identifiers = ["cloudfront.amazonaws.com"]
      }

      condition {
        test     = "StringEquals"
        variable = "AWS:SourceArn"
        values   = [statement.value]
      }
    }
  }
}

resource "aws_s3_bucket_policy" "copy" {
  for_each = local.copies

  provider = aws.second

  bucket = aws_s3_bucket.copy[each.key].id
  policy = data.aws_iam_policy_document.copy[each.key].json

  depends_on = [aws_s3_bucket_public_access_block.copy]
}

# --- Who copies ----------------------------------------------------------------------------------------------------------

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_iam_role" "replication" {
  name               = "${var.name}-replication"
  description        = "S3 copying the buckets of ${var.name} to a second region"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "replication" {
  statement {
    sid       = "ReadSources"
    actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    resources = [for name in values(var.buckets) : "arn:aws:s3:::${name}"]
  }

  statement {
    sid = "ReadVersions"
    actions = [
      "s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging", "s3:GetObjectRetention",
      "s3:GetObjectLegalHold",
    ]
    resources = [for name in values(var.buckets) : "arn:aws:s3:::${name}/*"]
  }

  statement {
    sid       = "WriteCopies"
    actions   = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]
    resources = [for name in values(local.copies) : "arn:aws:s3:::${name}/*"]
  }

  statement {
    sid       = "EncryptCopies"
    actions   = ["kms:Encrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.this.arn]
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      sid       = "DecryptSources"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role_policy" "replication" {
  name   = "copy"
  role   = aws_iam_role.replication.id
  policy = data.aws_iam_policy_document.replication.json
}

resource "aws_s3_bucket_replication_configuration" "this" {
  for_each = local.copies

  bucket = var.buckets[each.key]
  role   = aws_iam_role.replication.arn

  rule {
    id     = "second-region"
    status = "Enabled"

    filter {}

    # What somebody deletes here stays there.
    delete_marker_replication {
      status = "Disabled"
    }

    source_selection_criteria {
      sse_kms_encrypted_objects {
        status = "Enabled"
      }
    }

    destination {
      bucket        = aws_s3_bucket.copy[each.key].arn
      storage_class = "STANDARD_IA"

      encryption_configuration {
        replica_kms_key_id = aws_kms_key.this.arn
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.copy, aws_iam_role_policy.replication]
}

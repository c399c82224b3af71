locals {
  # files: what browsers fetch, static/ and media/. lake: what analysts read of the catalogue and the sales. The names are
  # fixed, so that policies can be written, read and tested without the buckets.
  buckets = {
    files   = { versioned = true, locked = false }
    lake    = { versioned = true, locked = false }
    backups = { versioned = true, locked = true }
    logs    = { versioned = false, locked = false }
  }
  names = { for key in keys(local.buckets) : key => "${var.name}-${key}-${var.account_id}" }
}

resource "aws_s3_bucket" "this" {
  # checkov:skip=CKV_AWS_18:All but the bucket of logs itself, below.
  # checkov:skip=CKV_AWS_21:All but logs, which are written once, below.
  # checkov:skip=CKV_AWS_144:The module recovery copies them where a second region is asked for.
  # checkov:skip=CKV2_AWS_62:Nothing acts on what arrives.

  for_each = local.buckets

  bucket              = local.names[each.key]
  object_lock_enabled = each.value.locked
  force_destroy       = var.force_destroy

  tags = { Name = local.names[each.key] }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.buckets

  bucket                  = aws_s3_bucket.this[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    # Load balancers write their logs with AES-256 alone.
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null || each.key == "logs" ? "AES256" : "aws:kms"
      kms_master_key_id = each.key == "logs" ? null : var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = { for key, bucket in local.buckets : key => bucket if bucket.versioned }

  bucket = aws_s3_bucket.this[each.key].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_object_lock_configuration" "this" {
  for_each = { for key, bucket in local.buckets : key => bucket if bucket.locked }

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    default_retention {
      mode = var.backup_lock_mode
      days = var.backup_lock_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

# Staff's browsers send pictures of products to uploads/, by forms that the shop signed.
resource "aws_s3_bucket_cors_configuration" "files" {
  count = length(var.upload_origins) == 0 ? 0 : 1

  bucket = aws_s3_bucket.this["files"].id

  cors_rule {
    allowed_methods = ["POST"]
    allowed_origins = var.upload_origins
    max_age_seconds = 3600
  }
}

resource "aws_s3_bucket_logging" "this" {
  for_each = { for key, bucket in local.buckets : key => bucket if key != "logs" }

  bucket        = aws_s3_bucket.this[each.key].id
  target_bucket = aws_s3_bucket.this["logs"].id
  target_prefix = "s3/${each.key}/"

  depends_on = [aws_s3_bucket_policy.logs]
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  # checkov:skip=CKV_AWS_300:The first rule, for every bucket.

  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    id     = "abandoned-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  # What a browser sent and no form came back for; the shop deletes what it has collected.
  dynamic "rule" {
    for_each = each.key == "files" ? [1] : []

    content {
      id     = "unfinished-uploads"
      status = "Enabled"

      filter {
        prefix = "uploads/"
      }

      expiration {
        days = 1
      }

      noncurrent_version_expiration {
        noncurrent_days = 1
      }
    }
  }

  dynamic "rule" {
    for_each = each.key == "backups" ? [1] : []

    content {
      id     = "to-glacier"
      status = "Enabled"

      filter {}

      transition {
        days          = var.glacier_after_days
        storage_class = "GLACIER"
      }

      # What cleanup deletes stays behind as an old version, for as long as the lock holds it and a little more.
      noncurrent_version_expiration {
        noncurrent_days = var.backup_lock_days + 7
      }

      expiration {
        expired_object_delete_marker = true
      }
    }
  }

  dynamic "rule" {
    for_each = each.value.versioned && each.key != "backups" ? [1] : []

    content {
      id     = "old-versions"
      status = "Enabled"

      filter {}

      noncurrent_version_transition {
        noncurrent_days = var.glacier_after_days
        storage_class   = "GLACIER"
      }

      noncurrent_version_expiration {
        noncurrent_days = var.glacier_after_days + 275
      }
    }
  }

  dynamic "rule" {
    for_each = each.key == "logs" ? [1] : []

    content {
      id     = "expire"
      status = "Enabled"

      filter {}

      expiration {
        days = var.log_retention_days
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

# The real provider plans with made-up credentials: policy documents and defaults are its own, and nothing is asked of AWS.
provider "aws" {
  region                      = "eu-west-3"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

variables {
  name              = "webmarket-test"
  account_id        = "123456789012"
  distribution_arns = ["arn:aws:cloudfront::123456789012:distribution/EXAMPLE"]
  upload_origins    = ["https://shop.example"]
}

run "nothing_is_public_and_everything_is_encrypted" {
  command = plan

  assert {
    condition = length(aws_s3_bucket_public_access_block.this) == length(aws_s3_bucket.this) && alltrue([
      for block in aws_s3_bucket_public_access_block.this :
      block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets
    ])
    error_message = "A bucket could be made public."
  }

  assert {
    condition = length(aws_s3_bucket_server_side_encryption_configuration.this) == length(aws_s3_bucket.this) && alltrue([
      for bucket in aws_s3_bucket_server_side_encryption_configuration.this :
      contains(["AES256", "aws:kms"], one(bucket.rule).apply_server_side_encryption_by_default[0].sse_algorithm)
    ])
    error_message = "A bucket is not encrypted."
  }

  assert {
    condition = alltrue([
      for policy in concat(values(data.aws_iam_policy_document.bucket), [data.aws_iam_policy_document.logs]) : anytrue([
        for statement in jsondecode(policy.json).Statement :
        statement.Effect == "Deny" && try(statement.Condition.Bool["aws:SecureTransport"], "") == "false"
      ])
    ])
    error_message = "A bucket answers without TLS."
  }

  assert {
    condition = alltrue(flatten([
      for policy in concat(values(data.aws_iam_policy_document.bucket), [data.aws_iam_policy_document.logs]) : [
        for statement in jsondecode(policy.json).Statement :
        statement.Effect == "Deny" || (!strcontains(jsonencode(statement.Principal), "*") && !strcontains(jsonencode(statement.Action), "*"))
      ]
    ]))
    error_message = "A bucket policy allows everybody, or every action."
  }

  assert {
    condition = anytrue([
      for statement in jsondecode(data.aws_iam_policy_document.bucket["files"].json).Statement :
      try(statement.Principal.Service == "cloudfront.amazonaws.com" && statement.Condition.StringEquals["AWS:SourceArn"] == var.distribution_arns[0], false)
    ])
    error_message = "Files are read by our own distribution and no other."
  }

  assert {
    condition     = aws_s3_bucket.this["backups"].object_lock_enabled && aws_s3_bucket_object_lock_configuration.this["backups"].rule[0].default_retention[0].days == 35
    error_message = "Backups cannot be deleted for 35 days."
  }

  assert {
    condition     = alltrue([for key in ["files", "lake", "backups"] : aws_s3_bucket_versioning.this[key].versioning_configuration[0].status == "Enabled"])
    error_message = "What cannot be made again is versioned."
  }

  assert {
    condition = (
      toset(aws_s3_bucket_cors_configuration.files[0].cors_rule[*].allowed_origins) == toset([toset(["https://shop.example"])])
      && toset(aws_s3_bucket_cors_configuration.files[0].cors_rule[*].allowed_methods) == toset([toset(["POST"])])
    )
    error_message = "Only the shop's own pages send to the bucket, and nothing but forms."
  }

  assert {
    condition = anytrue([
      for rule in aws_s3_bucket_lifecycle_configuration.this["files"].rule :
      try(rule.filter[0].prefix == "uploads/" && rule.expiration[0].days == 1, false)
    ])
    error_message = "Uploads that nobody finished stay for ever."
  }

  assert {
    condition     = aws_kms_key.signing.customer_master_key_spec == "ECC_NIST_P256" && aws_kms_key.signing.key_usage == "SIGN_VERIFY"
    error_message = "The shop signs backups with ECDSA on P-256."
  }

  assert {
    condition = anytrue([
      for statement in jsondecode(data.aws_iam_policy_document.signing.json).Statement :
      statement.Effect == "Deny" && statement.Action == "kms:Sign" && endswith(try(statement.Condition.ArnNotEquals["aws:PrincipalArn"], ""), "-workers")
    ])
    error_message = "Others than workers sign backups."
  }
}

# The real provider plans with made-up credentials: policy documents and defaults are its own, and nothing is asked of AWS.
provider "aws" {
  region                      = "eu-west-3"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
provider "aws" {
  alias                       = "second"
  region                      = "eu-central-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

variables {
  name           = "webmarket-test"
  account_id     = "123456789012"
  database_arn   = "arn:aws:rds:eu-west-3:123456789012:db:webmarket-test"
  instance_class = "db.m7g.large"

  distribution_arn = "arn:aws:cloudfront::123456789012:distribution/EXAMPLE"

  buckets = {
    files   = "webmarket-test-files-123456789012"
    backups = "webmarket-test-backups-123456789012"
  }
}

run "everything_is_copied_and_nothing_of_it_is_public" {
  command = plan

  assert {
    condition     = toset(keys(aws_s3_bucket_replication_configuration.this)) == toset(keys(var.buckets)) && alltrue([for copy in aws_s3_bucket_replication_configuration.this : copy.rule[0].status == "Enabled"])
    error_message = "A bucket is not copied to the second region."
  }

  assert {
    condition     = alltrue([for copy in aws_s3_bucket_replication_configuration.this : one(copy.rule[0].delete_marker_replication).status == "Disabled"])
    error_message = "What is deleted in the first region is deleted in the second."
  }

  assert {
    condition     = aws_s3_bucket.copy["backups"].object_lock_enabled && alltrue([for versioning in aws_s3_bucket_versioning.copy : versioning.versioning_configuration[0].status == "Enabled"])
    error_message = "Copies of backups can be overwritten."
  }

  assert {
    condition = alltrue([
      for block in aws_s3_bucket_public_access_block.copy :
      block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets
    ])
    error_message = "A copy could be made public."
  }

  assert {
    condition     = alltrue([for copy in aws_s3_bucket_server_side_encryption_configuration.copy : one(copy.rule).apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms"])
    error_message = "A copy is not encrypted with the second region's key."
  }

  assert {
    condition     = anytrue([for statement in jsondecode(data.aws_iam_policy_document.key.json).Statement : try(statement.Principal.Service == "logs.eu-central-1.amazonaws.com", false)])
    error_message = "CloudWatch Logs of the second region may not use the key."
  }

  assert {
    condition = (
      one([for statement in jsondecode(data.aws_iam_policy_document.copy["files"].json).Statement : statement if statement.Effect == "Allow"]).Condition.StringEquals["AWS:SourceArn"] == var.distribution_arn
      && length([for statement in jsondecode(data.aws_iam_policy_document.copy["backups"].json).Statement : statement if statement.Effect == "Allow"]) == 0
    )
    error_message = "The distribution alone reads the copies of files, and nobody those of backups."
  }

  assert {
    condition     = module.database.instance_id == "webmarket-test-standby" && length(aws_subnet.database) == 2
    error_message = "The database has no replica in the second region."
  }
}

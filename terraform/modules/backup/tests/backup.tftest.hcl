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
  name            = "webmarket-test"
  account_id      = "123456789012"
  resource_arns   = ["arn:aws:rds:eu-west-3:123456789012:db:webmarket-test"]
  copy_vault_arn  = "arn:aws:backup:eu-central-1:123456789012:backup-vault:webmarket-test"
  restore_testing = true
}

run "locked_copied_and_tried" {
  command = plan

  assert {
    condition     = aws_backup_vault_lock_configuration.this.min_retention_days == 7
    error_message = "Backups can be deleted at once."
  }

  assert {
    condition     = one(one(aws_backup_plan.this.rule).lifecycle).delete_after == 35 && length(one(aws_backup_plan.this.rule).copy_action) == 1
    error_message = "Backups are kept for 35 days, with a copy in the second region."
  }

  assert {
    condition     = length(aws_backup_restore_testing_plan.this) == 1
    error_message = "Nobody knows whether backups can be restored."
  }
}

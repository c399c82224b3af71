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
  environment = "test"
  image_id    = "ami-0123456789abcdef0"
  parameters  = { AWS_STORAGE_BUCKET_NAME = "webmarket-files" }
}

run "secrets_stand_under_the_environment_and_can_be_brought_back" {
  command = plan

  assert {
    condition     = alltrue([for secret in aws_secretsmanager_secret.this : startswith(secret.name, "/webmarket/test/") && secret.recovery_window_in_days >= 7])
    error_message = "A secret stands elsewhere, or is gone at once."
  }

  assert {
    condition     = alltrue([for parameter in aws_ssm_parameter.setting : parameter.type == "SecureString"])
    error_message = "A setting is not encrypted."
  }

  assert {
    condition     = aws_ssm_parameter.image.data_type == "aws:ec2:image"
    error_message = "AWS checks that the parameter names an image."
  }
}

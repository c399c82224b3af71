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
  alias                       = "us_east_1"
  region                      = "us-east-1"
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

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

override_data {
  target = data.aws_ec2_managed_prefix_list.cloudfront
  values = { id = "pl-75b1541c" }
}

# What production is when it is planned is read by deploy/platform_tests/rules/.
run "refuses_a_second_region_where_rds_keeps_the_password" {
  command = plan

  variables {
    recovery_region = "eu-central-1"
  }

  expect_failures = [var.recovery_region]
}

run "refuses_replicas_where_rds_keeps_the_password" {
  command = plan

  variables {
    database_replicas = 1
  }

  expect_failures = [var.database_replicas]
}

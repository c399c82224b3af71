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

# Known before they exist, so that a plan shows who stands where.
override_module {
  target = module.shop.module.network
  outputs = {
    vpc_id                     = "vpc-1"
    public_subnet_ids          = ["subnet-public-1", "subnet-public-2"]
    app_subnet_ids             = ["subnet-app-1", "subnet-app-2"]
    database_subnet_ids        = ["subnet-database-1", "subnet-database-2"]
    balancer_security_group_id = "sg-balancer"
    app_security_group_id      = "sg-app"
    database_security_group_id = "sg-database"
  }
}

# Variables come from sample.auto.tfvars.json, which deploy/platform_tests/terraform writes into its working copy.
run "instances_stand_in_private_subnets" {
  command = plan

  assert {
    condition     = alltrue([for subnets in values(output.fleet_subnet_ids) : toset(subnets) == toset(["subnet-app-1", "subnet-app-2"])])
    error_message = "Instances stand outside the private subnets."
  }

  assert {
    condition     = contains(output.alarm_names, "webmarket-production-server-errors") && contains(output.alarm_names, "webmarket-production-backup-not-green")
    error_message = "An alarm is missing."
  }

  assert {
    condition     = output.rds_instance_id == "webmarket-production"
    error_message = "Operators know the database by another name."
  }

  assert {
    condition     = output.rds_multi_az
    error_message = "The environment's database has no standby."
  }
}

run "a_second_region_and_a_password_of_our_own" {
  command = plan

  variables {
    recovery_region           = "eu-central-1"
    managed_database_password = false
    database_password         = "only-for-a-plan-and-kept-in-no-state"
  }

  assert {
    condition     = toset(keys(output.recovery.bucket_names)) == toset(["backups", "files", "lake"]) && output.recovery.database_id == "webmarket-production-standby"
    error_message = "The second region lacks a bucket or the database."
  }
}

run "refuses_a_second_region_where_rds_keeps_the_password" {
  command = plan

  variables {
    recovery_region = "eu-central-1"
  }

  expect_failures = [var.recovery_region]
}

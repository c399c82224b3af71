terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # The bucket is given at init: terraform init -backend-config=bucket=…
  backend "s3" {
    key          = "webmarket/production.tfstate"
    region       = "eu-west-3"
    encrypt      = true
    use_lockfile = true
  }
}

locals {
  tags = { Project = "webmarket", Environment = "production", Owner = var.owner, CostCentre = var.cost_centre, ManagedBy = "terraform" }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = local.tags
  }
}

provider "aws" {
  alias  = "us_east_1"
  region = "us-east-1"

  default_tags {
    tags = local.tags
  }
}

# Unused without a second region.
provider "aws" {
  alias  = "second"
  region = coalesce(var.recovery_region, "eu-central-1")

  default_tags {
    tags = local.tags
  }
}

data "aws_caller_identity" "current" {}

data "aws_ec2_managed_prefix_list" "cloudfront" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}

module "shop" {
  source = "../../modules/shop"

  name                    = "webmarket-production"
  environment             = "production"
  account_id              = data.aws_caller_identity.current.account_id
  availability_zones      = [for letter in ["a", "b"] : "${var.region}${letter}"]
  domain_name             = var.domain_name
  zone_id                 = var.zone_id
  origin_secret           = var.origin_secret
  former_origin_secret    = var.former_origin_secret
  image_id                = var.image_id
  emails                  = var.emails
  settings                = var.settings
  kms_key_arn             = var.kms_key_arn
  restore_from            = var.restore_from
  tuning                  = var.tuning
  github_repository       = var.github_repository
  github_environments     = ["production", "production-roll-back"] # Of .github/workflows/release.yml.
  operator_principal_arns = var.operator_principal_arns
  anomaly_monitor_arn     = var.anomaly_monitor_arn
  activate_cost_tags      = var.activate_cost_tags

  balancer_prefix_list_ids = [data.aws_ec2_managed_prefix_list.cloudfront.id]
  interface_endpoints      = ["sqs", "secretsmanager", "ssm"]
  log_retention_days       = 30
  budget                   = 1000
  github_oidc_provider     = var.github_oidc_provider
  backup_copy_vault_arn    = try(coalesce(var.backup_copy_vault_arn, one(module.recovery[*].backup_vault_arn)), null)
  failover                 = var.failover
  files_copy               = var.recovery_region == null ? null : { domain_name = module.recovery[0].files_domain_name }
  tracing                  = var.tracing
  signing_public_keys      = var.signing_public_keys
  snapshot_copies          = var.recovery_region == null ? null : { region = var.recovery_region, kms_key_arn = module.recovery[0].kms_key_arn }
  restore_testing          = true

  fleets = {
    web     = { instance_types = ["c5.large"], minimum = 2, maximum = 4, predictive_scaling = "ForecastOnly" }
    workers = { instance_types = ["t3.medium"], minimum = 2, maximum = 4 }
  }

  database = { instance_class = "db.m7g.large", storage_gb = 100, storage_max_gb = 500, backup_days = 35, replicas = var.database_replicas, blue_green = !var.managed_database_password, managed_password = var.managed_database_password }

  database_password = var.database_password


  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
}

module "recovery" {
  count = var.recovery_region == null ? 0 : 1

  source = "../../modules/recovery"

  name           = "webmarket-production"
  account_id     = data.aws_caller_identity.current.account_id
  buckets        = module.shop.versioned_bucket_names
  database_arn   = module.shop.rds_instance_arn
  instance_class = "db.m7g.large"

  distribution_arn = module.shop.cloudfront_distribution_arn

  performance_insights = try(var.tuning.recovery.performance_insights, null)
  cidr                 = try(var.tuning.recovery.cidr, null)
  keep_days            = try(var.tuning.recovery.keep_days, null)
  lock_days            = try(var.tuning.recovery.lock_days, null)
  log_retention_days   = try(var.tuning.recovery.log_retention_days, null)

  providers = {
    aws        = aws
    aws.second = aws.second
  }
}

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
    key          = "webmarket/staging.tfstate"
    region       = "eu-west-3"
    encrypt      = true
    use_lockfile = true
  }
}

locals {
  tags = { Project = "webmarket", Environment = "staging", Owner = var.owner, CostCentre = var.cost_centre, ManagedBy = "terraform" }
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

data "aws_caller_identity" "current" {}

data "aws_ec2_managed_prefix_list" "cloudfront" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}

module "shop" {
  source = "../../modules/shop"

  name                    = "webmarket-staging"
  environment             = "staging"
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
  dev_timetable           = var.dev_timetable
  tracing                 = var.tracing
  signing_public_keys     = var.signing_public_keys
  github_repository       = var.github_repository
  operator_principal_arns = var.operator_principal_arns
  anomaly_monitor_arn     = var.anomaly_monitor_arn

  # As production, smaller; the standby in a second zone is there, for what is never tried fails.
  balancer_prefix_list_ids = [data.aws_ec2_managed_prefix_list.cloudfront.id]
  single_nat               = true
  bot_control              = false
  log_retention_days       = 7
  budget                   = 300
  github_oidc_provider     = var.github_oidc_provider

  fleets = {
    web     = { instance_types = ["t3.medium"], minimum = 2, maximum = 3 }
    workers = { instance_types = ["t3.medium"], minimum = 1, maximum = 2 }
  }

  database = { instance_class = "db.t4g.small", storage_gb = 20, storage_max_gb = 100, backup_days = 7, performance_insights = false }


  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
}

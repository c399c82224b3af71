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
    key          = "webmarket/demo.tfstate"
    region       = "eu-west-3"
    encrypt      = true
    use_lockfile = true
  }
}

locals {
  tags = { Project = "webmarket", Environment = "demo", Owner = var.owner, CostCentre = var.cost_centre, ManagedBy = "terraform" }
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

locals {
  office_hours = {
    morning = { recurrence = "0 7 * * MON-FRI", minimum = 2, maximum = 4 }
    evening = { recurrence = "0 21 * * *", minimum = 0, maximum = 0 }
  }
  office_hours_of_workers = {
    morning = { recurrence = "0 7 * * MON-FRI", minimum = 1, maximum = 2 }
    evening = { recurrence = "0 21 * * *", minimum = 0, maximum = 0 }
  }
}

module "shop" {
  source = "../../modules/shop"

  name                    = "webmarket-demo"
  environment             = "demo"
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
  tuning                  = var.tuning
  github_repository       = var.github_repository
  operator_principal_arns = var.operator_principal_arns
  anomaly_monitor_arn     = var.anomaly_monitor_arn

  # The cheapest that still shows everything: one NAT gateway, the smallest sizes, asleep at night, gone without a trace.
  single_nat         = true
  disposable         = true
  bot_control        = false
  own_edge_policies  = false
  log_retention_days = 7
  backup             = var.backup
  budget             = var.budget

  # At four in the morning nobody is there to read its message.
  starts_missed_backups = false

  fleets = {
    web     = { instance_types = ["t3.micro"], minimum = 2, maximum = 4, timetable = local.office_hours }
    workers = { instance_types = ["t3.micro"], minimum = 1, maximum = 2, timetable = local.office_hours_of_workers }
  }

  database = { instance_class = "db.t4g.micro", storage_gb = 20, storage_max_gb = 50, backup_days = 7, performance_insights = false }


  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
}

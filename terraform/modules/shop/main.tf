# One environment: what the modules are to each other. Numbers come from environments/, defaults from the modules.

data "aws_region" "current" {}

# What a provider's default tags reach not: instances and volumes that a group starts.
data "aws_default_tags" "this" {}

module "network" {
  source = "../network"

  name                     = var.name
  availability_zones       = var.availability_zones
  single_nat               = var.single_nat
  interface_endpoints      = var.interface_endpoints
  balancer_prefix_list_ids = var.balancer_prefix_list_ids
  flow_log_retention_days  = var.log_retention_days
  kms_key_arn              = var.kms_key_arn
}

module "storage" {
  source = "../storage"

  name              = var.name
  account_id        = var.account_id
  distribution_arns = [module.edge.distribution_arn]
  upload_origins    = ["https://${var.domain_name}"]
  kms_key_arn       = var.kms_key_arn
  force_destroy     = var.disposable
}

module "queue" {
  source = "../queue"

  name        = var.name
  account_id  = var.account_id
  kms_key_arn = var.kms_key_arn
}

module "database" {
  source = "../database"

  name                 = var.name
  subnet_ids           = module.network.database_subnet_ids
  security_group_id    = module.network.database_security_group_id
  instance_class       = var.database.instance_class
  storage_gb           = var.database.storage_gb
  storage_max_gb       = var.database.storage_max_gb
  multi_az             = var.database.multi_az
  backup_days          = var.database.backup_days
  replicas             = var.database.replicas
  performance_insights = var.database.performance_insights
  blue_green           = var.database.blue_green
  managed_password     = var.database.managed_password
  password             = var.database_password
  password_version     = var.database.password_version
  deletion_protection  = !var.disposable
  final_snapshot       = !var.disposable
  log_retention_days   = var.log_retention_days
  kms_key_arn          = var.kms_key_arn
}

module "secrets" {
  source = "../secrets"

  environment   = var.environment
  image_id      = var.image_id
  kms_key_arn   = var.kms_key_arn
  recovery_days = var.disposable ? 0 : 30
  more_secrets = merge(
    # Put by each release's migrations.
    { database-user = "The shop's own user of the database, as JSON: username, password" },
    var.database.managed_password ? {} : { database = "Master user and password of the database, as JSON: username, password" },
  )
  parameters = merge(
    var.settings,
    {
      ALLOWED_HOSTS           = "${var.domain_name},www.${var.domain_name}"
      AWS_REGION              = data.aws_region.current.name
      AWS_S3_CUSTOM_DOMAIN    = var.domain_name
      AWS_STORAGE_BUCKET_NAME = module.storage.bucket_names["files"]
      BACKUP_BUCKET           = module.storage.bucket_names["backups"]
      CELERY_BROKER_URL       = "sqs://"
      CELERY_QUEUE_URLS       = join(",", [for queue, url in module.queue.queue_urls : "${queue}=${url}"])
      DATABASE_HOST           = module.database.address
      DATABASE_INSTANCE       = module.database.instance_id
      DATABASE_SECRET_ARN     = var.database.managed_password ? coalesce(module.database.secret_arn, "none") : "/webmarket/${var.environment}/database"
      ENVIRONMENT             = var.environment
      LAKE_BUCKET             = module.storage.bucket_names["lake"]
      METRICS_LOG_GROUP       = "/webmarket/${var.name}/workers"
      OPERATIONS_EMAILS       = join(",", var.emails)
      OPERATIONS_TOPIC_ARN    = "arn:aws:sns:${data.aws_region.current.name}:${var.account_id}:${var.name}-alarms"
      SITE_URL                = "https://${var.domain_name}"
    },
    var.signing_public_key == null ? {} : { AWS_CLOUDFRONT_KEY_ID = module.edge.signing_key_id },
    var.snapshot_copies == null ? {} : {
      BACKUP_REGION  = var.snapshot_copies.region
      BACKUP_KMS_KEY = var.snapshot_copies.kms_key_arn
    },
    # The agent beside the shop takes them and sends them to X-Ray.
    var.tracing ? { OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:4318" } : {},
    var.dev_timetable == null ? {} : { DEV_TIMETABLE = var.dev_timetable },
  )
}

module "identity" {
  source = "../identity"

  name                    = var.name
  environment             = var.environment
  account_id              = var.account_id
  bucket_arns             = module.storage.bucket_arns
  queue_arns              = module.queue.queue_arns
  database_secret         = var.database.managed_password ? { arn = module.database.secret_arn } : null
  kms_key_arn             = var.kms_key_arn
  github_repository       = var.github_repository
  github_oidc_provider    = var.github_oidc_provider
  github_environments     = var.github_environments
  tracing                 = var.tracing
  snapshot_copies         = var.snapshot_copies
  stops_dev               = var.dev_timetable != null
  operator_principal_arns = var.operator_principal_arns
}

module "edge" {
  source = "../edge"

  name               = var.name
  domain_name        = var.domain_name
  zone_id            = var.zone_id
  balancer_dns_name  = module.balancer.dns_name
  balancer_zone_id   = module.balancer.zone_id
  files_domain_name  = module.storage.files_domain_name
  origin_secret      = var.origin_secret
  emails             = var.emails
  bot_control        = var.bot_control
  own_policies       = var.own_edge_policies
  signing_public_key = var.signing_public_key
  failover           = var.failover
  log_retention_days = var.log_retention_days

  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
}

module "balancer" {
  source = "../balancer"

  name                 = var.name
  vpc_id               = module.network.vpc_id
  subnet_ids           = module.network.public_subnet_ids
  security_group_id    = module.network.balancer_security_group_id
  certificate_arn      = module.edge.certificate_arn
  logs_bucket_name     = module.storage.logs_bucket_name
  origin_secret        = var.origin_secret
  former_origin_secret = var.former_origin_secret
  deletion_protection  = !var.disposable
}

module "fleet" {
  for_each = var.fleets

  source = "../fleet"

  name                 = var.name
  environment          = var.environment
  role                 = each.key
  image                = var.image_id
  subnet_ids           = module.network.app_subnet_ids
  security_group_id    = module.network.app_security_group_id
  instance_profile_arn = module.identity.instance_profile_arns[each.key]
  instance_types       = each.value.instance_types
  minimum              = each.value.minimum
  maximum              = each.value.maximum
  spot_percent         = each.value.spot_percent
  predictive_scaling   = each.value.predictive_scaling
  timetable            = each.value.timetable
  target_group_arns    = each.key == "web" ? [module.balancer.target_group_arns["web"]] : []
  balanced             = each.key == "web"
  scale_on_requests    = each.key == "web"
  request_label        = each.key == "web" ? "${module.balancer.arn_suffix}/${module.balancer.target_group_arn_suffixes["web"]}" : null
  drain_seconds        = each.key == "web" ? 60 : 900 # A task may take fifteen minutes.
  kms_key_arn          = var.kms_key_arn
  rollback_alarm_names = module.monitoring.rollback_alarm_names
  tags                 = data.aws_default_tags.this.tags

  # A refresh looks at its alarms, and an instance reads its settings when it boots.
  depends_on = [module.monitoring, module.secrets]
}

module "monitoring" {
  source = "../monitoring"

  name                    = var.name
  environment             = var.environment
  balancer_arn_suffix     = module.balancer.arn_suffix
  target_group_arn_suffix = module.balancer.target_group_arn_suffixes["web"]
  # Groups are named before they exist: alarms watch fleets, and fleets watch alarms.
  fleet_names             = { for role in keys(var.fleets) : role => "${var.name}-${role}" }
  database_id             = module.database.instance_id
  queue_names             = module.queue.queue_names
  dead_letter_queue_names = module.queue.dead_letter_queue_names
  emails                  = toset(var.emails)
  log_retention_days      = var.log_retention_days
  tracing                 = var.tracing
  kms_key_arn             = var.kms_key_arn
}

module "backup" {
  count = var.backup ? 1 : 0

  source = "../backup"

  name            = var.name
  account_id      = var.account_id
  resource_arns   = [module.database.instance_arn]
  copy_vault_arn  = var.backup_copy_vault_arn
  restore_testing = var.restore_testing
  kms_key_arn     = var.kms_key_arn
}

module "finops" {
  count = var.budget == null ? 0 : 1

  source = "../finops"

  name           = var.name
  environment    = var.environment
  monthly_amount = var.budget
  emails         = var.emails

  anomaly_monitor_arn = var.anomaly_monitor_arn
  activated_tags      = var.activate_cost_tags ? keys(data.aws_default_tags.this.tags) : []
}

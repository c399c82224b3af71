# One environment: what the modules are to each other. Numbers come from environments/, defaults from the modules.

data "aws_region" "current" {}

# What `tuning` may name.
locals {
  tunable = {
    network    = ["cidr"]
    storage    = ["glacier_after_days", "backup_lock_days", "backup_lock_mode", "log_retention_days"]
    queue      = ["visibility_seconds", "attempts"]
    database   = ["engine_version", "enhanced_monitoring_seconds", "slow_query_seconds", "apply_immediately"]
    secrets    = ["rotation_lambda_arn", "rotation_days"]
    identity   = ["github_branch"]
    edge       = ["price_class", "requests_per_second", "form_requests_per_minute", "api_posts_per_minute", "counted_bot_rules", "hsts_subdomains", "hsts_preload", "countries"]
    balancer   = ["tls_policy", "slow_start_seconds", "deregistration_seconds"]
    fleet      = ["cpu_percent", "requests_per_minute", "disk_gb", "warmup_seconds", "grace_seconds"]
    mail       = ["dmarc_policy"]
    monitoring = ["server_error_percent", "client_error_percent", "latency_seconds", "queue_age_seconds", "database_cpu_percent", "database_free_gb", "database_connections", "bounce_percent", "complaint_percent", "traced_share"]
    backup     = ["keep_days", "lock_days"]
    finops     = ["alert_percents", "anomaly_amount"]
    schedule   = ["hour"]
    recovery   = ["performance_insights", "cidr", "keep_days", "lock_days", "log_retention_days"]
  }
}

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

  cidr = try(var.tuning.network.cidr, null)
}

module "storage" {
  source = "../storage"

  name              = var.name
  account_id        = var.account_id
  distribution_arns = [module.edge.distribution_arn]
  upload_origins    = ["https://${var.domain_name}"]
  kms_key_arn       = var.kms_key_arn
  force_destroy     = var.disposable

  glacier_after_days = try(var.tuning.storage.glacier_after_days, null)
  backup_lock_days   = try(var.tuning.storage.backup_lock_days, null)
  backup_lock_mode   = try(var.tuning.storage.backup_lock_mode, null)
  log_retention_days = try(var.tuning.storage.log_retention_days, null)
}

module "queue" {
  source = "../queue"

  name        = var.name
  account_id  = var.account_id
  kms_key_arn = var.kms_key_arn

  visibility_seconds = try(var.tuning.queue.visibility_seconds, null)
  attempts           = try(var.tuning.queue.attempts, null)
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
  restore_from         = var.restore_from

  engine_version              = try(var.tuning.database.engine_version, null)
  enhanced_monitoring_seconds = try(var.tuning.database.enhanced_monitoring_seconds, null)
  slow_query_seconds          = try(var.tuning.database.slow_query_seconds, null)
  apply_immediately           = try(var.tuning.database.apply_immediately, null)
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
      BACKUP_SIGNING_KEY      = module.storage.signing_key_arn
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
    length(var.signing_public_keys) == 0 ? {} : { AWS_CLOUDFRONT_KEY_IDS = jsonencode(module.edge.signing_key_ids) },
    # Shared pages, exports and the data lake read from them.
    var.database.replicas == 0 ? {} : { DATABASE_REPLICA_HOSTS = join(",", module.database.replica_addresses) },
    var.snapshot_copies == null ? {} : {
      BACKUP_REGION  = var.snapshot_copies.region
      BACKUP_KMS_KEY = var.snapshot_copies.kms_key_arn
    },
    # The agent beside the shop takes them and sends them to X-Ray.
    var.tracing ? { OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:4318" } : {},
    var.dev_timetable == null ? {} : { DEV_TIMETABLE = var.dev_timetable },
  )

  rotation_lambda_arn = try(var.tuning.secrets.rotation_lambda_arn, null)
  rotation_days       = try(var.tuning.secrets.rotation_days, null)
}

module "identity" {
  source = "../identity"

  name                    = var.name
  environment             = var.environment
  account_id              = var.account_id
  bucket_arns             = module.storage.bucket_arns
  signing_key             = { arn = module.storage.signing_key_arn }
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

  github_branch = try(var.tuning.identity.github_branch, null)
}

module "edge" {
  source = "../edge"

  name                = var.name
  domain_name         = var.domain_name
  zone_id             = var.zone_id
  balancer_dns_name   = module.balancer.dns_name
  balancer_zone_id    = module.balancer.zone_id
  files_domain_name   = module.storage.files_domain_name
  files_copy          = var.files_copy
  origin_secret       = var.origin_secret
  emails              = var.emails
  bot_control         = var.bot_control
  own_policies        = var.own_edge_policies
  signing_public_keys = var.signing_public_keys
  failover            = var.failover
  log_retention_days  = var.log_retention_days

  price_class              = try(var.tuning.edge.price_class, null)
  requests_per_second      = try(var.tuning.edge.requests_per_second, null)
  form_requests_per_minute = try(var.tuning.edge.form_requests_per_minute, null)
  api_posts_per_minute     = try(var.tuning.edge.api_posts_per_minute, null)
  counted_bot_rules        = try(var.tuning.edge.counted_bot_rules, null)
  hsts_subdomains          = try(var.tuning.edge.hsts_subdomains, null)
  hsts_preload             = try(var.tuning.edge.hsts_preload, null)
  countries                = try(var.tuning.edge.countries, null)

  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
}

module "mail" {
  source = "../mail"

  name        = var.name
  account_id  = var.account_id
  domain_name = var.domain_name
  zone_id     = module.edge.zone_id
  reports_to  = var.emails[0]

  dmarc_policy = try(var.tuning.mail.dmarc_policy, null)
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

  tls_policy             = try(var.tuning.balancer.tls_policy, null)
  slow_start_seconds     = try(var.tuning.balancer.slow_start_seconds, null)
  deregistration_seconds = try(var.tuning.balancer.deregistration_seconds, null)
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

  cpu_percent         = try(var.tuning.fleet.cpu_percent, null)
  requests_per_minute = try(var.tuning.fleet.requests_per_minute, null)
  disk_gb             = try(var.tuning.fleet.disk_gb, null)
  warmup_seconds      = try(var.tuning.fleet.warmup_seconds, null)
  grace_seconds       = try(var.tuning.fleet.grace_seconds, null)

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

  server_error_percent = try(var.tuning.monitoring.server_error_percent, null)
  client_error_percent = try(var.tuning.monitoring.client_error_percent, null)
  latency_seconds      = try(var.tuning.monitoring.latency_seconds, null)
  queue_age_seconds    = try(var.tuning.monitoring.queue_age_seconds, null)
  database_cpu_percent = try(var.tuning.monitoring.database_cpu_percent, null)
  database_free_gb     = try(var.tuning.monitoring.database_free_gb, null)
  # Before MySQL refuses one.
  database_connections = try(var.tuning.monitoring.database_connections, min(200, floor(0.8 * module.database.most_connections)), null)
  bounce_percent       = try(var.tuning.monitoring.bounce_percent, null)
  complaint_percent    = try(var.tuning.monitoring.complaint_percent, null)
  traced_share         = try(var.tuning.monitoring.traced_share, null)
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

  keep_days = try(var.tuning.backup.keep_days, null)
  lock_days = try(var.tuning.backup.lock_days, null)
}

# The workers of an environment that sleeps at night make its backup when they wake.
module "schedule" {
  count = var.starts_missed_backups ? 1 : 0

  source = "../schedule"

  name        = var.name
  account_id  = var.account_id
  queue_arn   = module.queue.operations_queue_arn
  kms_key_arn = var.kms_key_arn

  hour = try(var.tuning.schedule.hour, null)
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

  alert_percents = try(var.tuning.finops.alert_percents, null)
  anomaly_amount = try(var.tuning.finops.anomaly_amount, null)
}

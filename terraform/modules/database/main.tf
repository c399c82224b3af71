locals {
  is_replica = var.replicate_source != null
  replicas   = [for number in range(var.replicas) : "${var.name}-replica-${number + 1}"]
  # What the shop counts on; the rest is RDS's default.
  parameters = {
    character_set_server     = { value = "utf8mb4", method = "immediate" }
    collation_server         = { value = "utf8mb4_0900_ai_ci", method = "immediate" }
    require_secure_transport = { value = "1", method = "immediate" }
    slow_query_log           = { value = "1", method = "immediate" }
    long_query_time          = { value = tostring(var.slow_query_seconds), method = "immediate" }
    log_output               = { value = "FILE", method = "immediate" }
    # Words of two letters are found too (« sel », « T4 »); a static parameter, in force after a restart.
    innodb_ft_min_token_size = { value = "2", method = "pending-reboot" }
  }

  # GiB of the families t and m; those of r have twice as much. RDS's default of max_connections is the memory by 12582880.
  memory           = { micro = 1, small = 2, medium = 4, large = 8, xlarge = 16, "2xlarge" = 32, "4xlarge" = 64 }
  gigabytes        = lookup(local.memory, element(split(".", var.instance_class), 2), null)
  most_connections = try(floor(local.gigabytes * (startswith(var.instance_class, "db.r") ? 2 : 1) * pow(1024, 3) / 12582880), null)
}

resource "aws_db_subnet_group" "this" {
  name        = var.name
  description = "Isolated subnets of ${var.name}"
  subnet_ids  = var.subnet_ids
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${var.name}-"
  family      = "mysql8.4"
  description = "Settings of ${var.name}"

  dynamic "parameter" {
    for_each = local.parameters

    content {
      name         = parameter.key
      value        = parameter.value.value
      apply_method = parameter.value.method
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_338:Slow queries may hold what people typed: kept for days, as the variable says.

  for_each = { for pair in setproduct(concat([var.name], local.replicas), ["error", "slowquery"]) : "${pair[0]}/${pair[1]}" => pair }

  # RDS would make them itself, and keep them for ever.
  name              = "/aws/rds/instance/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_db_instance" "this" {
  # checkov:skip=CKV_AWS_118:A variable, every minute unless somebody says otherwise.
  # checkov:skip=CKV_AWS_157:A variable, true unless somebody says otherwise.
  # checkov:skip=CKV_AWS_161:The shop logs in with the password that RDS keeps and changes by itself.
  # checkov:skip=CKV_AWS_293:A variable, false for the demo alone.
  # checkov:skip=CKV_AWS_353:A variable: the smallest classes cannot.
  # checkov:skip=CKV2_AWS_69:The parameter group asks for TLS, in a dynamic block.

  identifier     = var.name
  engine         = local.is_replica ? null : "mysql"
  engine_version = local.is_replica ? null : var.engine_version
  instance_class = var.instance_class
  db_name        = local.is_replica ? null : "webmarket"
  port           = 3306

  # Of another region: it brings engine, name, user, password and storage with it.
  replicate_source_db = try(var.replicate_source.arn, null)

  # Both count at the creation alone: a database that is there is never replaced by them.
  snapshot_identifier = try(var.restore_from.snapshot, null)

  dynamic "restore_to_point_in_time" {
    for_each = try(coalesce(var.restore_from.instance, var.restore_from.resource_id), null) == null ? [] : [var.restore_from]

    content {
      source_db_instance_identifier = restore_to_point_in_time.value.instance
      source_dbi_resource_id        = restore_to_point_in_time.value.resource_id
      restore_time                  = restore_to_point_in_time.value.time
      use_latest_restorable_time    = restore_to_point_in_time.value.time == null ? true : null
    }
  }

  # RDS keeps the password in Secrets Manager and changes it every seven days; it is in no state and no variable. Where it is
  # ours, because RDS refuses copies of a database whose password it keeps, it is written and kept nowhere here.
  username                    = local.is_replica ? null : "webmarket"
  manage_master_user_password = local.is_replica || !var.managed_password ? null : true
  password_wo                 = local.is_replica || var.managed_password ? null : var.password
  password_wo_version         = local.is_replica || var.managed_password ? null : var.password_version

  storage_type          = "gp3"
  allocated_storage     = local.is_replica || var.restore_from != null ? null : var.storage_gb
  max_allocated_storage = var.storage_max_gb
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn

  multi_az               = var.multi_az
  publicly_accessible    = false
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [var.security_group_id]
  parameter_group_name   = aws_db_parameter_group.this.name
  ca_cert_identifier     = "rds-ca-rsa2048-g1"

  backup_retention_period   = var.backup_days
  backup_window             = "02:00-02:45"
  maintenance_window        = "tue:03:15-tue:04:15"
  copy_tags_to_snapshot     = true
  delete_automated_backups  = !var.final_snapshot # What may go without a trace leaves no backups that are paid for either.
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = !var.final_snapshot
  final_snapshot_identifier = var.final_snapshot ? "${var.name}-final" : null

  auto_minor_version_upgrade      = true
  apply_immediately               = var.apply_immediately
  performance_insights_enabled    = var.performance_insights
  performance_insights_kms_key_id = var.performance_insights ? var.kms_key_arn : null
  monitoring_interval             = var.enhanced_monitoring_seconds
  monitoring_role_arn             = one(aws_iam_role.monitoring[*].arn)
  enabled_cloudwatch_logs_exports = ["error", "slowquery"]

  dynamic "blue_green_update" {
    for_each = var.blue_green ? [1] : []

    content {
      enabled = true
    }
  }

  lifecycle {
    ignore_changes = [snapshot_identifier, restore_to_point_in_time]
  }

  tags = { Name = var.name, Backup = "daily" }

  # RDS refuses a monitoring role that does not hold its policy yet.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy_attachment.monitoring]
}

resource "aws_db_instance" "replica" {
  # checkov:skip=CKV_AWS_118:A variable, every minute unless somebody says otherwise.
  # checkov:skip=CKV_AWS_157:It is read from; the standby is the primary's.
  # checkov:skip=CKV_AWS_293:A variable, false for the demo alone.
  # checkov:skip=CKV_AWS_353:A variable: the smallest classes cannot.
  # checkov:skip=CKV2_AWS_69:The parameter group asks for TLS, in a dynamic block.

  count = var.replicas

  identifier          = local.replicas[count.index]
  replicate_source_db = aws_db_instance.this.identifier
  instance_class      = var.instance_class

  storage_encrypted          = true
  publicly_accessible        = false
  vpc_security_group_ids     = [var.security_group_id]
  parameter_group_name       = aws_db_parameter_group.this.name
  auto_minor_version_upgrade = true
  copy_tags_to_snapshot      = true
  deletion_protection        = var.deletion_protection
  skip_final_snapshot        = true

  performance_insights_enabled    = var.performance_insights
  performance_insights_kms_key_id = var.performance_insights ? var.kms_key_arn : null
  monitoring_interval             = var.enhanced_monitoring_seconds
  monitoring_role_arn             = one(aws_iam_role.monitoring[*].arn)
  enabled_cloudwatch_logs_exports = ["error", "slowquery"]

  tags = { Name = local.replicas[count.index] }

  # RDS refuses a monitoring role that does not hold its policy yet.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy_attachment.monitoring]
}

data "aws_iam_policy_document" "monitoring_trust" {
  count = var.enhanced_monitoring_seconds > 0 ? 1 : 0

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["monitoring.rds.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "monitoring" {
  count = var.enhanced_monitoring_seconds > 0 ? 1 : 0

  name               = "${var.name}-rds-monitoring"
  assume_role_policy = data.aws_iam_policy_document.monitoring_trust[0].json
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  count = var.enhanced_monitoring_seconds > 0 ? 1 : 0

  role       = aws_iam_role.monitoring[0].name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

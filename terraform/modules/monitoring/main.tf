data "aws_region" "current" {}

locals {
  shop     = "WebMarket/${var.environment}"
  balancer = { LoadBalancer = var.balancer_arn_suffix }
  target   = { LoadBalancer = var.balancer_arn_suffix, TargetGroup = var.target_group_arn_suffix }
  database = { DBInstanceIdentifier = var.database_id }

  # What one metric says. `missing` is how silence counts: a heartbeat that is not heard is a failure.
  alarms = merge(
    {
      latency = {
        about      = "99 of 100 answers take longer than they should", namespace = "AWS/ApplicationELB", metric = "TargetResponseTime",
        dimensions = local.balancer, statistic = "p99", compare = "GreaterThanThreshold", threshold = var.latency_seconds,
        period     = 60, times = 5, missing = "notBreaching"
      }
      unhealthy-hosts = {
        about      = "An instance fails its health check", namespace = "AWS/ApplicationELB", metric = "UnHealthyHostCount",
        dimensions = local.target, statistic = "Maximum", compare = "GreaterThanThreshold", threshold = 0,
        period     = 60, times = 5, missing = "notBreaching"
      }
      no-healthy-host = {
        about      = "No instance serves the shop", namespace = "AWS/ApplicationELB", metric = "HealthyHostCount",
        dimensions = local.target, statistic = "Minimum", compare = "LessThanThreshold", threshold = 1,
        period     = 60, times = 2, missing = "breaching"
      }
      throttles = {
        about      = "The balancer rejects connections", namespace = "AWS/ApplicationELB", metric = "RejectedConnectionCount",
        dimensions = local.balancer, statistic = "Sum", compare = "GreaterThanThreshold", threshold = 0,
        period     = 60, times = 3, missing = "notBreaching"
      }
      database-cpu = {
        about      = "The database is busy", namespace = "AWS/RDS", metric = "CPUUtilization",
        dimensions = local.database, statistic = "Average", compare = "GreaterThanThreshold", threshold = var.database_cpu_percent,
        period     = 60, times = 10, missing = "missing"
      }
      database-storage = {
        about      = "The database's disk fills up", namespace = "AWS/RDS", metric = "FreeStorageSpace",
        dimensions = local.database, statistic = "Minimum", compare = "LessThanThreshold", threshold = var.database_free_gb * 1024 * 1024 * 1024,
        period     = 300, times = 2, missing = "missing"
      }
      database-connections = {
        about      = "The database has many connections open", namespace = "AWS/RDS", metric = "DatabaseConnections",
        dimensions = local.database, statistic = "Maximum", compare = "GreaterThanThreshold", threshold = var.database_connections,
        period     = 60, times = 5, missing = "missing"
      }
      no-heartbeat = {
        about      = "No beat has run for ten minutes: payments, orders and backups wait", namespace = local.shop, metric = "BeatHeartbeat",
        dimensions = {}, statistic = "Sum", compare = "LessThanThreshold", threshold = 1,
        period     = 300, times = 2, missing = "breaching"
      }
      backup-not-green = {
        about      = "No backup has been made and checked for a day", namespace = local.shop, metric = "BackupVerified",
        dimensions = {}, statistic = "Sum", compare = "LessThanThreshold", threshold = 1,
        period     = 86400, times = 1, missing = "breaching"
      }
      # What publish_metrics says each hour, about the hour before.
      figures-silent = {
        about      = "publish_metrics has said nothing for three hours", namespace = local.shop, metric = "OrdersPlaced",
        dimensions = {}, statistic = "SampleCount", compare = "LessThanThreshold", threshold = 1,
        period     = 3600, times = 3, missing = "breaching"
      }
      jobs-failed = {
        about      = "A planned job has failed", namespace = local.shop, metric = "FailedJobs",
        dimensions = {}, statistic = "Maximum", compare = "GreaterThanThreshold", threshold = 0,
        period     = 3600, times = 1, missing = "notBreaching"
      }
      jobs-wait = {
        about      = "A planned job was sent an hour ago and no worker has begun it", namespace = local.shop, metric = "OldestTaskSeconds",
        dimensions = {}, statistic = "Maximum", compare = "GreaterThanThreshold", threshold = 3600,
        period     = 3600, times = 1, missing = "notBreaching"
      }
      emails-wait = {
        about      = "An order's e-mail has waited for an hour", namespace = local.shop, metric = "OldestOwedEmailSeconds",
        dimensions = {}, statistic = "Maximum", compare = "GreaterThanThreshold", threshold = 3600,
        period     = 3600, times = 1, missing = "notBreaching"
      }
      emails-in-doubt = {
        about      = "Nobody knows whether an order's e-mail was sent; staff decide", namespace = local.shop, metric = "EmailsInDoubt",
        dimensions = {}, statistic = "Maximum", compare = "GreaterThanThreshold", threshold = 0,
        period     = 3600, times = 1, missing = "notBreaching"
      }
    },
    {
      for queue, name in var.queue_names : "queue-age-${queue}" => {
        about      = "Tasks wait too long", namespace = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage",
        dimensions = { QueueName = name }, statistic = "Maximum", compare = "GreaterThanThreshold", threshold = var.queue_age_seconds,
        period     = 60, times = 5, missing = "notBreaching"
      }
    },
    {
      for queue, name in var.dead_letter_queue_names : "dead-letters-${queue}" => {
        about      = "A task has failed for good", namespace = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible",
        dimensions = { QueueName = name }, statistic = "Maximum", compare = "GreaterThanThreshold", threshold = 0,
        period     = 300, times = 1, missing = "notBreaching"
      }
    },
  )

  # Shares of all answers, by the class of their status.
  rates = {
    server-errors = { metric = "HTTPCode_Target_5XX_Count", threshold = var.server_error_percent }
    client-errors = { metric = "HTTPCode_Target_4XX_Count", threshold = var.client_error_percent }
  }

  logs = toset(["web", "workers", "nginx", "system"])
}

resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.emails

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.key
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = local.logs

  name              = "/webmarket/${var.name}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

# The shop logs JSON events. An order is paid on a web host (card, webhook, staff) or on a worker (reconciliation).
resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each = {
    orders-paid-web     = { metric = "OrdersPaid", group = "web", pattern = "{ $.event = \"order_paid\" }" }
    orders-paid-workers = { metric = "OrdersPaid", group = "workers", pattern = "{ $.event = \"order_paid\" }" }
    errors-web          = { metric = "Errors", group = "web", pattern = "{ $.level = \"error\" }" }
    errors-workers      = { metric = "TaskErrors", group = "workers", pattern = "{ $.level = \"error\" }" }
  }

  name           = "${var.name}-${each.key}"
  log_group_name = aws_cloudwatch_log_group.this[each.value.group].name
  pattern        = each.value.pattern

  metric_transformation {
    name          = each.value.metric
    namespace     = local.shop
    value         = "1"
    default_value = "0"
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.about
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = each.value.compare
  threshold           = each.value.threshold
  period              = each.value.period
  evaluation_periods  = each.value.times
  treat_missing_data  = each.value.missing
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "rate" {
  for_each = local.rates

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "More than ${each.value.threshold} % of answers are ${each.key}"
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  evaluation_periods  = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "rate"
    label       = "Percent"
    expression  = "IF(all > 20, 100 * bad / all, 0)" # A handful of requests at night prove nothing.
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { all = "RequestCount", bad = each.value.metric }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = metric_query.value
        dimensions  = local.balancer
        stat        = "Sum"
        period      = 60
      }
    }
  }
}

locals {
  balancer_metric = ["LoadBalancer", var.balancer_arn_suffix]
  graphs = [
    { title = "CPU", stat = "Average", metrics = [for name in values(var.fleet_names) : ["AWS/EC2", "CPUUtilization", "AutoScalingGroupName", name]] },
    { title = "Instances in service", stat = "Minimum", metrics = [for name in values(var.fleet_names) : ["AWS/AutoScaling", "GroupInServiceInstances", "AutoScalingGroupName", name]] },
    { title = "Requests", stat = "Sum", metrics = [concat(["AWS/ApplicationELB", "RequestCount"], local.balancer_metric)] },
    { title = "Latency, median", stat = "p50", metrics = [concat(["AWS/ApplicationELB", "TargetResponseTime"], local.balancer_metric)] },
    { title = "Latency, 99 of 100", stat = "p99", metrics = [concat(["AWS/ApplicationELB", "TargetResponseTime"], local.balancer_metric)] },
    { title = "4xx and 5xx", stat = "Sum", metrics = [for class in ["4XX", "5XX"] : concat(["AWS/ApplicationELB", "HTTPCode_Target_${class}_Count"], local.balancer_metric)] },
    { title = "Database: CPU", stat = "Average", metrics = [["AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", var.database_id]] },
    { title = "Database: connections", stat = "Maximum", metrics = [["AWS/RDS", "DatabaseConnections", "DBInstanceIdentifier", var.database_id]] },
    { title = "Age of the oldest task", stat = "Maximum", metrics = [for name in values(var.queue_names) : ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", name]] },
    { title = "Errors logged", stat = "Sum", period = 300, metrics = [for name in ["Errors", "TaskErrors"] : [local.shop, name]] },
    { title = "Orders paid in an hour", stat = "Sum", period = 3600, metrics = [[local.shop, "OrdersPaid"]] },
    { title = "Orders", stat = "Maximum", period = 3600, metrics = [for name in ["OrdersPlaced", "OrdersAwaitingPayment", "OrdersToPrepare"] : [local.shop, name]] },
    { title = "Euros in an hour", stat = "Maximum", period = 3600, metrics = [[local.shop, "RevenueEuros"]] },
    { title = "Baskets in use, products sold out", stat = "Maximum", period = 3600, metrics = [for name in ["ActiveBaskets", "StockOuts"] : [local.shop, name]] },
    { title = "Backups: bytes, seconds to restore", stat = "Maximum", period = 86400, metrics = [for name in ["BackupBytes", "BackupRestored", "RecoverySeconds"] : [local.shop, name]] },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = [
      for index, graph in local.graphs : {
        type   = "metric"
        x      = index % 3 * 8
        y      = floor(index / 3) * 6
        width  = 8
        height = 6
        properties = {
          title   = graph.title
          region  = data.aws_region.current.name
          stat    = graph.stat
          period  = try(graph.period, 60)
          metrics = graph.metrics
        }
      }
    ]
  })
}

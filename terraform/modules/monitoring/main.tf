data "aws_region" "current" {}

locals {
  shop     = "WebMarket/${var.environment}"
  balancer = { LoadBalancer = var.balancer_arn_suffix }
  target   = { LoadBalancer = var.balancer_arn_suffix, TargetGroup = var.target_group_arn_suffix }
  database = { DBInstanceIdentifier = var.database_id }

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

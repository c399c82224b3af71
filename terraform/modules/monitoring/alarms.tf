locals {
  # One alarm is one entry, by the arguments of aws_cloudwatch_metric_alarm. A missing heartbeat is a failure (breaching).
  # What to do stands in docs/runbooks/, in the page of the alarm's name or the one it names.
  # Those of rollback_alarms.json also end a release and bring the former image back.
  alarms = merge(
    {
      latency = {
        description         = "99 of 100 answers take longer than they should"
        namespace           = "AWS/ApplicationELB"
        metric_name         = "TargetResponseTime"
        dimensions          = local.balancer
        statistic           = "p99"
        comparison_operator = "GreaterThanThreshold"
        threshold           = var.latency_seconds
        period              = 60
        evaluation_periods  = 5
        treat_missing_data  = "notBreaching"
      }
      unhealthy-hosts = {
        description         = "An instance fails its health check"
        namespace           = "AWS/ApplicationELB"
        metric_name         = "UnHealthyHostCount"
        dimensions          = local.target
        statistic           = "Maximum"
        comparison_operator = "GreaterThanThreshold"
        threshold           = 0
        period              = 60
        evaluation_periods  = 5
        treat_missing_data  = "notBreaching"
      }
      no-healthy-host = {
        description         = "No instance serves the shop"
        namespace           = "AWS/ApplicationELB"
        metric_name         = "HealthyHostCount"
        dimensions          = local.target
        statistic           = "Minimum"
        comparison_operator = "LessThanThreshold"
        threshold           = 1
        period              = 60
        evaluation_periods  = 2
        treat_missing_data  = "breaching"
      }
      throttles = {
        description         = "The balancer rejects connections"
        namespace           = "AWS/ApplicationELB"
        metric_name         = "RejectedConnectionCount"
        dimensions          = local.balancer
        statistic           = "Sum"
        comparison_operator = "GreaterThanThreshold"
        threshold           = 0
        period              = 60
        evaluation_periods  = 3
        treat_missing_data  = "notBreaching"
      }
      database-cpu = {
        description         = "The database is busy"
        namespace           = "AWS/RDS"
        metric_name         = "CPUUtilization"
        dimensions          = local.database
        statistic           = "Average"
        comparison_operator = "GreaterThanThreshold"
        threshold           = var.database_cpu_percent
        period              = 60
        evaluation_periods  = 10
        treat_missing_data  = "missing"
      }
      database-storage = {
        description         = "The database's disk fills up"
        namespace           = "AWS/RDS"
        metric_name         = "FreeStorageSpace"
        dimensions          = local.database
        statistic           = "Minimum"
        comparison_operator = "LessThanThreshold"
        threshold           = var.database_free_gb * 1024 * 1024 * 1024
        period              = 300
        evaluation_periods  = 2
        treat_missing_data  = "missing"
      }
      database-connections = {
        description         = "The database has many connections open"
        namespace           = "AWS/RDS"
        metric_name         = "DatabaseConnections"
        dimensions          = local.database
        statistic           = "Maximum"
        comparison_operator = "GreaterThanThreshold"
        threshold           = var.database_connections
        period              = 60
        evaluation_periods  = 5
        treat_missing_data  = "missing"
      }
      no-heartbeat = {
        description         = "No beat has run for ten minutes: payments, orders and backups wait"
        namespace           = local.shop
        metric_name         = "BeatHeartbeat"
        dimensions          = {}
        statistic           = "Sum"
        comparison_operator = "LessThanThreshold"
        threshold           = 1
        period              = 300
        evaluation_periods  = 2
        treat_missing_data  = "breaching"
      }
      backup-not-green = {
        description         = "No backup has been made and checked for a day"
        namespace           = local.shop
        metric_name         = "BackupVerified"
        dimensions          = {}
        statistic           = "Sum"
        comparison_operator = "LessThanThreshold"
        threshold           = 1
        period              = 86400
        evaluation_periods  = 1
        treat_missing_data  = "breaching"
      }
      # What publish_metrics publishes each hour, about the hour before.
      figures-silent = {
        description         = "publish_metrics has said nothing for three hours"
        namespace           = local.shop
        metric_name         = "OrdersPlaced"
        dimensions          = {}
        statistic           = "SampleCount"
        comparison_operator = "LessThanThreshold"
        threshold           = 1
        period              = 3600
        evaluation_periods  = 3
        treat_missing_data  = "breaching"
      }
      jobs-failed = {
        description         = "A planned job has failed"
        namespace           = local.shop
        metric_name         = "FailedJobs"
        dimensions          = {}
        statistic           = "Maximum"
        comparison_operator = "GreaterThanThreshold"
        threshold           = 0
        period              = 3600
        evaluation_periods  = 1
        treat_missing_data  = "notBreaching"
      }
      jobs-wait = {
        description         = "A planned job was sent an hour ago and no worker has begun it"
        namespace           = local.shop
        metric_name         = "OldestTaskSeconds"
        dimensions          = {}
        statistic           = "Maximum"
        comparison_operator = "GreaterThanThreshold"
        threshold           = 3600
        period              = 3600
        evaluation_periods  = 1
        treat_missing_data  = "notBreaching"
      }
      emails-wait = {
        description         = "An e-mail has waited for an hour"
        namespace           = local.shop
        metric_name         = "OldestOwedEmailSeconds"
        dimensions          = {}
        statistic           = "Maximum"
        comparison_operator = "GreaterThanThreshold"
        threshold           = 3600
        period              = 3600
        evaluation_periods  = 1
        treat_missing_data  = "notBreaching"
      }
      emails-in-doubt = {
        description         = "Nobody knows whether an e-mail was sent; staff decide"
        namespace           = local.shop
        metric_name         = "EmailsInDoubt"
        dimensions          = {}
        statistic           = "Maximum"
        comparison_operator = "GreaterThanThreshold"
        threshold           = 0
        period              = 3600
        evaluation_periods  = 1
        treat_missing_data  = "notBreaching"
      }
      # Of the account's region: SES counts, and ends the sending of an account at 10 and at 0.5 percent.
      emails-bounce = {
        description         = "E-mail goes to addresses that do not exist"
        namespace           = "AWS/SES"
        metric_name         = "Reputation.BounceRate"
        dimensions          = {}
        statistic           = "Maximum"
        comparison_operator = "GreaterThanThreshold"
        threshold           = var.bounce_percent / 100
        period              = 3600
        evaluation_periods  = 1
        treat_missing_data  = "notBreaching"
      }
      emails-complained-of = {
        description         = "Readers report the shop's e-mail as unwanted"
        namespace           = "AWS/SES"
        metric_name         = "Reputation.ComplaintRate"
        dimensions          = {}
        statistic           = "Maximum"
        comparison_operator = "GreaterThanThreshold"
        threshold           = var.complaint_percent / 100
        period              = 3600
        evaluation_periods  = 1
        treat_missing_data  = "notBreaching"
      }
    },
    {
      for queue, name in var.queue_names : "queue-age-${queue}" => {
        page                = "queue-age"
        description         = "Tasks wait too long"
        namespace           = "AWS/SQS"
        metric_name         = "ApproximateAgeOfOldestMessage"
        dimensions          = { QueueName = name }
        statistic           = "Maximum"
        comparison_operator = "GreaterThanThreshold"
        threshold           = var.queue_age_seconds
        period              = 60
        evaluation_periods  = 5
        treat_missing_data  = "notBreaching"
      }
    },
    {
      for queue, name in var.dead_letter_queue_names : "dead-letters-${queue}" => {
        page                = "dead-letters"
        description         = "A task has failed for good"
        namespace           = "AWS/SQS"
        metric_name         = "ApproximateNumberOfMessagesVisible"
        dimensions          = { QueueName = name }
        statistic           = "Maximum"
        comparison_operator = "GreaterThanThreshold"
        threshold           = 0
        period              = 300
        evaluation_periods  = 1
        treat_missing_data  = "notBreaching"
      }
    },
  )

  # Shares of all answers, in percent.
  rates = {
    # What the balancer answers itself (502, 503, 504) is in no number of its targets. Three in a minute are seen however few
    # requests there are: that is most of a small shop's day.
    server-errors = {
      threshold  = var.server_error_percent
      metrics    = { all = "RequestCount", bad = "HTTPCode_Target_5XX_Count", own = "HTTPCode_ELB_5XX_Count" }
      expression = "IF(FILL(bad, 0) + FILL(own, 0) > 2, 100 * (FILL(bad, 0) + FILL(own, 0)) / (FILL(all, 0) + FILL(own, 0)), 0)"
      # FILL makes the last minute quiet until its numbers come.
      minutes = 5
      loud    = 3
    }
    client-errors = {
      threshold  = var.client_error_percent
      metrics    = { all = "RequestCount", bad = "HTTPCode_Target_4XX_Count" }
      expression = "IF(all > 20, 100 * bad / all, 0)" # A handful of robots at night prove nothing.
      minutes    = 3
      loud       = 3
    }
  }

  rollback_alarms = jsondecode(file("${path.module}/rollback_alarms.json"))
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.description}. docs/runbooks/${try(each.value.page, each.key)}.md"
  namespace           = each.value.namespace
  metric_name         = each.value.metric_name
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = each.value.comparison_operator
  threshold           = each.value.threshold
  period              = each.value.period
  evaluation_periods  = each.value.evaluation_periods
  treat_missing_data  = each.value.treat_missing_data
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "rate" {
  for_each = local.rates

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "More than ${each.value.threshold} % of answers are ${each.key}. docs/runbooks/${each.key}.md"
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  evaluation_periods  = each.value.minutes
  datapoints_to_alarm = each.value.loud
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "rate"
    label       = "Percent"
    expression  = each.value.expression
    return_data = true
  }

  dynamic "metric_query" {
    for_each = each.value.metrics

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

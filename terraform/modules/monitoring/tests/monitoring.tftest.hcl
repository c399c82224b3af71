# The real provider plans with made-up credentials: policy documents and defaults are its own, and nothing is asked of AWS.
provider "aws" {
  region                      = "eu-west-3"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
variables {
  name                    = "webmarket-test"
  environment             = "test"
  balancer_arn_suffix     = "app/webmarket-test/0123456789abcdef"
  target_group_arn_suffix = "targetgroup/webmarket-test-web/0123456789abcdef"
  fleet_names             = { web = "webmarket-test-web", workers = "webmarket-test-workers" }
  database_id             = "webmarket-test"
  queue_names             = { default = "webmarket-test-default" }
  dead_letter_queue_names = { default = "webmarket-test-default-dead" }
}

run "every_failure_has_an_alarm_and_every_log_an_end" {
  command = plan

  assert {
    condition = length(setsubtract(
      [
        "server-errors", "client-errors", "latency", "unhealthy-hosts", "no-healthy-host", "throttles", "database-cpu", "database-storage",
        "database-connections", "no-heartbeat", "backup-not-green", "queue-age-default", "dead-letters-default",
        "figures-silent", "jobs-failed", "jobs-wait", "emails-wait", "emails-in-doubt", "emails-bounce", "emails-complained-of",
      ],
      concat(keys(aws_cloudwatch_metric_alarm.this), keys(aws_cloudwatch_metric_alarm.rate)),
    )) == 0
    error_message = "An alarm is missing."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.rate["server-errors"].threshold == 1 && aws_cloudwatch_metric_alarm.rate["client-errors"].threshold == 10
    error_message = "1 % of 5xx and 10 % of 4xx raise an alarm."
  }

  assert {
    condition     = alltrue([for key in ["no-heartbeat", "backup-not-green", "no-healthy-host", "figures-silent"] : aws_cloudwatch_metric_alarm.this[key].treat_missing_data == "breaching"])
    error_message = "Silence passes for health."
  }

  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.this : group.retention_in_days == 30])
    error_message = "A log never ends."
  }

  assert {
    condition     = alltrue([for title in ["CPU", "Instances in service", "Requests", "Orders paid in an hour"] : contains([for graph in local.graphs : graph.title], title)])
    error_message = "The dashboard leaves out what operators look for."
  }
}

run "traces_by_variable" {
  command = plan

  variables {
    tracing = true
  }

  assert {
    condition     = aws_xray_sampling_rule.this[0].fixed_rate == 0.05 && aws_xray_sampling_rule.this[0].reservoir_size == 1 && length(aws_xray_group.this) == 1
    error_message = "One request in twenty is traced, and the first of each second."
  }
}

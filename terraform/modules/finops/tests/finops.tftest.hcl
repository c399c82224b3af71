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
  name        = "webmarket-test"
  environment = "test"
  emails      = ["operations@webmarket.example"]
}

run "somebody_is_told_before_the_money_is_spent" {
  command = plan

  assert {
    condition     = length([for notification in aws_budgets_budget.this.notification : notification if notification.notification_type == "FORECASTED"]) == 1
    error_message = "No forecast is watched."
  }

  assert {
    condition     = one(one(aws_budgets_budget.this.cost_filter).values) == "user:Environment$test"
    error_message = "The budget counts another environment's spending."
  }

  assert {
    condition     = aws_ce_anomaly_monitor.this[0].monitor_type == "CUSTOM" && jsondecode(aws_ce_anomaly_monitor.this[0].monitor_specification).Tags.Values == ["test"]
    error_message = "The monitor watches all services of the account, of which an account has one."
  }

  assert {
    condition     = length(aws_ce_cost_allocation_tag.this) == 0
    error_message = "Every environment activates the account's tags."
  }
}

run "a_member_account_takes_the_monitor_that_it_has" {
  command = plan

  variables {
    anomaly_monitor_arn = "arn:aws:ce::123456789012:anomalymonitor/00000000-0000-0000-0000-000000000000"
  }

  assert {
    condition     = length(aws_ce_anomaly_monitor.this) == 0 && aws_ce_anomaly_subscription.this.monitor_arn_list == tolist([var.anomaly_monitor_arn])
    error_message = "A second monitor is made."
  }
}

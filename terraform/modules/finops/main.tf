resource "aws_budgets_budget" "this" {
  name         = var.name
  budget_type  = "COST"
  limit_amount = tostring(var.monthly_amount)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  cost_filter {
    name   = "TagKeyValue"
    values = ["${local.tag}"]
  }

  dynamic "notification" {
    for_each = var.alert_percents

    content {
      comparison_operator        = "GREATER_THAN"
      threshold                  = notification.value
      threshold_type             = "PERCENTAGE"
      notification_type          = "ACTUAL"
      subscriber_email_addresses = var.emails
    }
  }

  # Told before the money is spent.
  notification {
    comparison_operator        = "GREATER_THAN"
    threshold                  = 100
    threshold_type             = "PERCENTAGE"
    notification_type          = "FORECASTED"
    subscriber_email_addresses = var.emails
  }
}

# Of this environment's spending. An account has one monitor of all services, which AWS has made or makes; in an account that is
# a member of an organisation only that one may be had, and is named by variable.
resource "aws_ce_anomaly_monitor" "this" {
  count = var.anomaly_monitor_arn == null ? 1 : 0

  name         = var.name
  monitor_type = "CUSTOM"
  monitor_specification = jsonencode({
    And            = null
    CostCategories = null
    Dimensions     = null
    Not            = null
    Or             = null
    Tags           = { Key = "Environment", MatchOptions = null, Values = [var.environment] }
  })
}

# Budgets and monitors count a tag from the day on which it is activated for the account.
resource "aws_ce_cost_allocation_tag" "this" {
  for_each = var.activated_tags

  tag_key = each.key
  status  = "Active"
}

resource "aws_ce_anomaly_subscription" "this" {
  name             = var.name
  frequency        = "DAILY"
  monitor_arn_list = [coalesce(var.anomaly_monitor_arn, one(aws_ce_anomaly_monitor.this[*].arn))]

  dynamic "subscriber" {
    for_each = var.emails

    content {
      type    = "EMAIL"
      address = subscriber.value
    }
  }

  threshold_expression {
    dimension {
      key           = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
      match_options = ["GREATER_THAN_OR_EQUAL"]
      values        = [tostring(var.anomaly_amount)]
    }
  }
}

locals {
  # AWS writes a tag as key$value.
  tag = join("$", ["user:Environment", var.environment])
}

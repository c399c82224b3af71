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
}

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
  name       = "webmarket-test"
  account_id = "123456789012"
  queue_arn  = "arn:aws:sqs:eu-west-3:123456789012:webmarket-test-operations"
}

run "one_message_a_day_and_no_other_right" {
  command = plan

  assert {
    condition     = jsondecode(data.aws_iam_policy_document.send.json).Statement == [{ Sid = "SendTask", Effect = "Allow", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:eu-west-3:123456789012:webmarket-test-operations" }]
    error_message = "The scheduler may do more than send."
  }

  assert {
    condition     = jsondecode(base64decode(aws_scheduler_schedule.backup.target[0].input)).headers.task == "operations.backup_manager" && aws_scheduler_schedule.backup.schedule_expression == "cron(0 4 * * ? *)"
    error_message = "No backup is started."
  }
}

run "a_queue_with_a_key_of_ones_own_takes_the_message" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-west-3:123456789012:key/0f0f0f0f-0000-4000-8000-000000000001"
  }

  assert {
    condition     = toset(jsondecode(data.aws_iam_policy_document.send.json).Statement[1].Action) == toset(["kms:Decrypt", "kms:GenerateDataKey"])
    error_message = "SQS refuses a message of whoever may not use its key."
  }
}

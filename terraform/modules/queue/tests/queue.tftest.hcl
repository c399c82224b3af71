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
}

run "encrypted_and_nothing_gets_lost" {
  command = plan

  assert {
    condition     = alltrue([for queue in concat(values(aws_sqs_queue.this), values(aws_sqs_queue.dead)) : queue.sqs_managed_sse_enabled])
    error_message = "A queue is not encrypted."
  }

  assert {
    condition     = keys(aws_sqs_queue.dead) == keys(aws_sqs_queue.this)
    error_message = "A queue has nowhere to put its dead letters."
  }

  assert {
    condition     = alltrue([for queue in aws_sqs_queue.this : queue.visibility_timeout_seconds > 900])
    error_message = "A task may take longer than its message stays hidden."
  }

  assert {
    condition = alltrue([
      for policy in data.aws_iam_policy_document.tls :
      jsondecode(policy.json).Statement[0].Effect == "Deny" && jsondecode(policy.json).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"
    ])
    error_message = "A queue answers without TLS."
  }
}

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
  name              = "webmarket-test"
  vpc_id            = "vpc-1"
  subnet_ids        = ["subnet-1", "subnet-2"]
  security_group_id = "sg-1"
  certificate_arn   = "arn:aws:acm:eu-west-3:123456789012:certificate/00000000-0000-0000-0000-000000000000"
  logs_bucket_name  = "webmarket-test-logs"
  origin_secret     = "0123456789abcdef0123456789abcdef"
  services          = { search = { paths = ["/moteur/*"], port = 9000, priority = 10 } }
}

run "tls_only_by_the_edge_only" {
  command = plan

  assert {
    condition     = aws_lb_listener.https.protocol == "HTTPS"
    error_message = "The balancer answers without TLS."
  }

  assert {
    condition     = startswith(aws_lb_listener.https.ssl_policy, "ELBSecurityPolicy-TLS13-1-2")
    error_message = "The balancer takes old TLS."
  }

  assert {
    condition     = aws_lb_listener.http.default_action[0].type == "redirect" && aws_lb_listener.http.default_action[0].redirect[0].protocol == "HTTPS"
    error_message = "Port 80 does anything but redirect to HTTPS."
  }

  assert {
    condition     = aws_lb_listener.https.default_action[0].fixed_response[0].status_code == "403"
    error_message = "Who has not come through CloudFront is served."
  }

  assert {
    condition     = alltrue([for rule in aws_lb_listener_rule.this : length([for condition in rule.condition : condition if length(condition.http_header) == 1]) == 1])
    error_message = "A rule forwards without the edge's secret."
  }

  assert {
    condition     = alltrue([for group in aws_lb_target_group.this : group.health_check[0].path == "/health/live" && group.health_check[0].matcher == "200"])
    error_message = "Health is asked for at /health/live."
  }

  assert {
    condition     = aws_lb.this.access_logs[0].enabled && aws_lb.this.drop_invalid_header_fields && aws_lb.this.enable_deletion_protection
    error_message = "Access logs, header checks and deletion protection are on."
  }
}

run "takes_two_secrets_while_one_is_changed" {
  command = plan

  variables {
    former_origin_secret = "fedcba9876543210fedcba9876543210"
  }

  assert {
    condition = alltrue(flatten([
      for rule in aws_lb_listener_rule.this : [
        for condition in rule.condition : toset(one(condition.http_header).values) == toset([var.origin_secret, var.former_origin_secret])
        if length(condition.http_header) == 1
      ]
    ]))
    error_message = "Whoever still comes with the former secret is turned away."
  }
}

run "refuses_old_tls" {
  command = plan

  variables {
    tls_policy = "ELBSecurityPolicy-2016-08"
  }

  expect_failures = [var.tls_policy]
}

locals {
  managed = concat(
    ["AWSManagedRulesCommonRuleSet", "AWSManagedRulesSQLiRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"],
    var.bot_control ? [local.bots] : [],
  )
  bots = "AWSManagedRulesBotControlRuleSet"
  # Rules of a group that count and do not block.
  counted = {
    # Pictures and catalogues that staff upload are larger than 8 KB; the shop sets its own limits.
    AWSManagedRulesCommonRuleSet = ["SizeRestrictions_BODY"]
    # They block every program that is no browser: monitors, link previews, the smoke test of a release.
    (local.bots) = var.counted_bot_rules
  }
  # Posts that are limited apart from everything else: passwords and codes, and the API's.
  posts = {
    forms = { priority = 2, limit = var.form_requests_per_minute, paths = var.form_paths }
    api   = { priority = 3, limit = var.api_posts_per_minute, paths = var.api_paths }
  }
}

resource "aws_wafv2_web_acl" "this" {
  # checkov:skip=CKV_AWS_192:It has the rules of known bad inputs, in a dynamic block.

  provider = aws.us_east_1

  name        = var.name
  description = "Firewall of ${var.name}"
  scope       = "CLOUDFRONT"

  default_action {
    allow {}
  }

  rule {
    name     = "rate"
    priority = 1

    action {
      block {}
    }

    statement {
      rate_based_statement {
        aggregate_key_type    = "IP"
        evaluation_window_sec = 60
        limit                 = var.requests_per_second * 60
      }
    }

    visibility_config {
      metric_name                = "${var.name}-rate"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = true
    }
  }

  dynamic "rule" {
    for_each = local.posts

    content {
      name     = rule.key
      priority = rule.value.priority

      action {
        block {}
      }

      statement {
        rate_based_statement {
          aggregate_key_type    = "IP"
          evaluation_window_sec = 60
          limit                 = rule.value.limit

          scope_down_statement {
            and_statement {
              statement {
                byte_match_statement {
                  search_string         = "POST"
                  positional_constraint = "EXACTLY"

                  field_to_match {
                    method {}
                  }

                  text_transformation {
                    priority = 0
                    type     = "NONE"
                  }
                }
              }

              statement {
                or_statement {
                  dynamic "statement" {
                    for_each = rule.value.paths

                    content {
                      byte_match_statement {
                        search_string         = statement.value
                        positional_constraint = "STARTS_WITH"

                        field_to_match {
                          uri_path {}
                        }

                        # /%41dmin/ is read as /admin/ by the shop, too.
                        text_transformation {
                          priority = 0
                          type     = "URL_DECODE"
                        }

                        text_transformation {
                          priority = 1
                          type     = "LOWERCASE"
                        }
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }

      visibility_config {
        metric_name                = "${var.name}-${rule.key}"
        cloudwatch_metrics_enabled = true
        sampled_requests_enabled   = true
      }
    }
  }

  dynamic "rule" {
    for_each = local.managed

    content {
      name     = rule.value
      priority = 10 + rule.key

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          name        = rule.value
          vendor_name = "AWS"

          dynamic "rule_action_override" {
            for_each = lookup(local.counted, rule.value, [])

            content {
              name = rule_action_override.value

              action_to_use {
                count {}
              }
            }
          }

          # Where programs of others come, whether something is a browser says nothing.
          dynamic "scope_down_statement" {
            for_each = rule.value == local.bots ? [1] : []

            content {
              not_statement {
                statement {
                  or_statement {
                    dynamic "statement" {
                      for_each = var.program_paths

                      content {
                        byte_match_statement {
                          search_string         = statement.value
                          positional_constraint = "STARTS_WITH"

                          field_to_match {
                            uri_path {}
                          }

                          text_transformation {
                            priority = 0
                            type     = "NONE"
                          }
                        }
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }

      visibility_config {
        metric_name                = "${var.name}-${rule.value}"
        cloudwatch_metrics_enabled = true
        sampled_requests_enabled   = true
      }
    }
  }

  visibility_config {
    metric_name                = var.name
    cloudwatch_metrics_enabled = true
    sampled_requests_enabled   = true
  }
}

resource "aws_cloudwatch_log_group" "firewall" {
  # checkov:skip=CKV_AWS_158:It stands in us-east-1, where keys of this region cannot be used; AWS's own key encrypts it.

  provider = aws.us_east_1

  name              = "aws-waf-logs-${var.name}" # AWS wants this beginning.
  retention_in_days = var.log_retention_days
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  provider = aws.us_east_1

  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.firewall.arn]

  # Whoever reads the log must not be able to act for a customer.
  redacted_fields {
    single_header {
      name = "cookie"
    }
  }

  redacted_fields {
    single_header {
      name = "authorization"
    }
  }
}

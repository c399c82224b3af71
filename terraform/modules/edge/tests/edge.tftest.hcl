# The real provider plans with made-up credentials: policy documents and defaults are its own, and nothing is asked of AWS.
provider "aws" {
  region                      = "eu-west-3"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
provider "aws" {
  alias                       = "us_east_1"
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

variables {
  name              = "webmarket-test"
  domain_name       = "boutique.webmarket.example"
  zone_id           = "Z0000000000000000000"
  balancer_dns_name = "webmarket-test.eu-west-3.elb.amazonaws.com"
  balancer_zone_id  = "Z3Q77PNBQS71R4"
  files_domain_name = "webmarket-test-files.s3.eu-west-3.amazonaws.com"
  origin_secret     = "0123456789abcdef0123456789abcdef"
  signing_public_keys = {
    first  = "-----BEGIN PUBLIC KEY-----\nMIIA\n-----END PUBLIC KEY-----"
    second = "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n\n"
  }
  emails = ["operations@webmarket.example"]
}

run "tls_everywhere_and_a_firewall_before_everything" {
  command = plan

  assert {
    condition     = aws_cloudfront_distribution.this.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021" && aws_cloudfront_distribution.this.default_cache_behavior[0].viewer_protocol_policy == "redirect-to-https"
    error_message = "The edge answers without modern TLS."
  }

  assert {
    condition     = one([for origin in aws_cloudfront_distribution.this.origin : origin if origin.origin_id == "shop"]).custom_origin_config[0].origin_protocol_policy == "https-only"
    error_message = "The edge speaks to the balancer without TLS."
  }

  assert {
    condition     = aws_cloudfront_cache_policy.this["static"].default_ttl == 31536000 && aws_cloudfront_cache_policy.this["media"].max_ttl == 3600 && aws_cloudfront_cache_policy.this["pages"].default_ttl == 0
    error_message = "Static files stay for a year, media for an hour, and pages decide themselves."
  }

  assert {
    condition     = contains([for behaviour in aws_cloudfront_distribution.this.ordered_cache_behavior : behaviour.path_pattern], "documents/*") && length(aws_cloudfront_key_group.documents) == 1
    error_message = "Private documents are served by signed addresses."
  }

  assert {
    condition     = length(aws_cloudfront_public_key.documents) == 2 && alltrue([for key in aws_cloudfront_public_key.documents : endswith(key.encoded_key, "-----END PUBLIC KEY-----\n")])
    error_message = "Each key is trusted while another follows it, and ends with one line end."
  }

  assert {
    condition = length(setsubtract(
      ["rate", "forms", "api", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesSQLiRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesBotControlRuleSet"],
      [for rule in aws_wafv2_web_acl.this.rule : rule.name],
    )) == 0
    error_message = "A rule of the firewall is missing."
  }

  assert {
    condition     = one(one(one([for rule in aws_wafv2_web_acl.this.rule : rule if rule.name == "rate"]).statement).rate_based_statement).limit == 6000
    error_message = "An address may send 100 requests a second."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.outside.treat_missing_data == "breaching" && length(aws_sns_topic_subscription.outside) == 1
    error_message = "Nobody is told that the shop does not answer from outside."
  }

  assert {
    condition     = alltrue([for policy in aws_cloudfront_response_headers_policy.this : !policy.security_headers_config[0].strict_transport_security[0].preload && !policy.security_headers_config[0].strict_transport_security[0].include_subdomains])
    error_message = "Names that are not the shop's are bound to HTTPS for a year."
  }

  assert {
    condition     = length(aws_route53_record.second) == 0 && length(aws_route53_record.origin.failover_routing_policy) == 0
    error_message = "A second region answers that is not there."
  }
}

run "refuses_to_be_preloaded_alone" {
  command = plan

  variables {
    hsts_preload = true
  }

  expect_failures = [var.hsts_preload]
}

run "a_second_region_answers_when_the_first_is_ill" {
  command = plan

  variables {
    failover = { dns_name = "webmarket-test.eu-central-1.elb.amazonaws.com", zone_id = "Z215JYRZR1TBD5" }
  }

  assert {
    condition = (
      aws_route53_record.origin.failover_routing_policy[0].type == "PRIMARY" && aws_route53_record.second[0].failover_routing_policy[0].type == "SECONDARY"
      && aws_route53_record.origin.name == aws_route53_record.second[0].name
    )
    error_message = "The origin's name does not fail over to the second region."
  }

  assert {
    condition     = aws_route53_record.origin.alias[0].evaluate_target_health && aws_route53_record.second[0].alias[0].evaluate_target_health
    error_message = "Failover does not look at health."
  }
}

run "files_are_read_in_the_second_region_where_the_first_fails" {
  command = plan

  variables {
    files_copy = { domain_name = "webmarket-test-files-copy.s3.eu-central-1.amazonaws.com" }
  }

  assert {
    condition = (
      [for member in one(aws_cloudfront_distribution.this.origin_group).member : member.origin_id] == ["files", "files-copy"]
      && alltrue([for behaviour in aws_cloudfront_distribution.this.ordered_cache_behavior : behaviour.target_origin_id == "files-anywhere"])
      && one(aws_cloudfront_distribution.this.default_cache_behavior).target_origin_id == "shop"
    )
    error_message = "The edge does not ask the copies, or asks them for pages."
  }
}

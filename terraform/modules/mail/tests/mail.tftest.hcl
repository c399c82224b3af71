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
  account_id  = "123456789012"
  domain_name = "boutique.webmarket.example"
  zone_id     = "Z0000000000000000000"
  reports_to  = "operations@webmarket.example"
}

run "nobody_is_written_to_again_who_cannot_be_reached_or_complains" {
  command = plan

  assert {
    condition     = toset(aws_sesv2_configuration_set.this.suppression_options[0].suppressed_reasons) == toset(["BOUNCE", "COMPLAINT"]) && aws_sesv2_email_identity.this.configuration_set_name == "webmarket-test"
    error_message = "SES goes on writing to an address that bounces or complains."
  }

  assert {
    condition     = aws_sesv2_configuration_set.this.delivery_options[0].tls_policy == "REQUIRE" && aws_sesv2_configuration_set.this.reputation_options[0].reputation_metrics_enabled
    error_message = "E-mail leaves without TLS, or nobody counts what comes back."
  }
}

run "receivers_can_prove_who_sends" {
  command = plan

  assert {
    condition     = length(aws_route53_record.dkim) == 3 && aws_sesv2_email_identity.this.dkim_signing_attributes[0].next_signing_key_length == "RSA_2048_BIT"
    error_message = "SES signs with three keys of 2048 bits in turn."
  }

  assert {
    condition     = aws_route53_record.spf.name == aws_sesv2_email_identity_mail_from_attributes.this.mail_from_domain && aws_route53_record.bounces.name == aws_route53_record.spf.name && one(aws_route53_record.spf.records) == "v=spf1 include:amazonses.com -all"
    error_message = "SPF must stand at the domain that bounces go to."
  }

  assert {
    condition     = aws_route53_record.dmarc.name == "_dmarc.boutique.webmarket.example" && strcontains(one(aws_route53_record.dmarc.records), "p=quarantine") && strcontains(one(aws_route53_record.dmarc.records), "rua=mailto:operations@webmarket.example")
    error_message = "Receivers are not told what to do with what is not ours, or whom to tell."
  }
}

run "the_user_of_smtp_sends_from_the_shop_and_does_nothing_else" {
  command = plan

  assert {
    condition = jsondecode(data.aws_iam_policy_document.smtp.json).Statement == [{
      Sid       = "SendFromTheShop"
      Effect    = "Allow"
      Action    = "ses:SendRawEmail"
      Resource  = ["arn:aws:ses:eu-west-3:123456789012:identity/boutique.webmarket.example", "arn:aws:ses:eu-west-3:123456789012:configuration-set/webmarket-test"]
      Condition = { StringLike = { "ses:FromAddress" = "*@boutique.webmarket.example" } }
    }]
    error_message = "The key in the secret email-url may do more than send."
  }
}

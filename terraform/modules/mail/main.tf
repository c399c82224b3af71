# E-mail of the shop by Amazon SES: who sends is proven (DKIM, SPF, DMARC), and nobody is written to who cannot be reached
# or does not want to be.

data "aws_region" "current" {}

locals {
  region    = data.aws_region.current.name
  arn       = "arn:aws:ses:${local.region}:${var.account_id}"
  mail_from = "bounce.${var.domain_name}"
}

resource "aws_sesv2_configuration_set" "this" {
  configuration_set_name = var.name

  delivery_options {
    tls_policy = "REQUIRE"
  }

  reputation_options {
    reputation_metrics_enabled = true
  }

  sending_options {
    sending_enabled = true
  }

  # SES keeps the addresses and takes further e-mail to them without sending it.
  suppression_options {
    suppressed_reasons = ["BOUNCE", "COMPLAINT"]
  }
}

resource "aws_sesv2_email_identity" "this" {
  email_identity         = var.domain_name
  configuration_set_name = aws_sesv2_configuration_set.this.configuration_set_name

  dkim_signing_attributes {
    next_signing_key_length = "RSA_2048_BIT"
  }
}

resource "aws_sesv2_email_identity_mail_from_attributes" "this" {
  email_identity         = aws_sesv2_email_identity.this.email_identity
  mail_from_domain       = local.mail_from
  behavior_on_mx_failure = "USE_DEFAULT_VALUE"
}

# --- What receivers look up -----------------------------------------------------------------------------------------

resource "aws_route53_record" "dkim" {
  count = 3 # As many keys as SES signs with in turn.

  zone_id = var.zone_id
  name    = "${aws_sesv2_email_identity.this.dkim_signing_attributes[0].tokens[count.index]}._domainkey.${var.domain_name}"
  type    = "CNAME"
  ttl     = 1800
  records = ["${aws_sesv2_email_identity.this.dkim_signing_attributes[0].tokens[count.index]}.dkim.amazonses.com"]
}

resource "aws_route53_record" "bounces" {
  zone_id = var.zone_id
  name    = local.mail_from
  type    = "MX"
  ttl     = 1800
  records = ["10 feedback-smtp.${local.region}.amazonses.com"]
}

resource "aws_route53_record" "spf" {
  zone_id = var.zone_id
  name    = local.mail_from
  type    = "TXT"
  ttl     = 1800
  records = ["v=spf1 include:amazonses.com -all"]
}

resource "aws_route53_record" "dmarc" {
  zone_id = var.zone_id
  name    = "_dmarc.${var.domain_name}"
  type    = "TXT"
  ttl     = 1800
  records = ["v=DMARC1; p=${var.dmarc_policy}; adkim=s; aspf=r; rua=mailto:${var.reports_to}"]
}

# --- Who may send ---------------------------------------------------------------------------------------------------

# SES's SMTP takes keys of a user alone. deploy/bin/put_secrets makes one, and keeps it in the secret email-url.
resource "aws_iam_user" "smtp" {
  # checkov:skip=CKV_AWS_273:SMTP knows no roles; the user may send from one domain and do nothing else.

  name = "${var.name}-smtp"
}

data "aws_iam_policy_document" "smtp" {
  statement {
    sid       = "SendFromTheShop"
    actions   = ["ses:SendRawEmail"]
    resources = ["${local.arn}:identity/${var.domain_name}", "${local.arn}:configuration-set/${var.name}"]

    condition {
      test     = "StringLike"
      variable = "ses:FromAddress"
      values   = ["*@${var.domain_name}"]
    }
  }
}

resource "aws_iam_user_policy" "smtp" {
  # checkov:skip=CKV_AWS_40:The only user, and no group of one.

  name   = "send"
  user   = aws_iam_user.smtp.name
  policy = data.aws_iam_policy_document.smtp.json
}

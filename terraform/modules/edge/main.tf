locals {
  zone_id = coalesce(var.zone_id, one(aws_route53_zone.this[*].zone_id))
  origin  = "origin.${var.domain_name}"
  names   = toset([var.domain_name, "www.${var.domain_name}"])
}

resource "aws_route53_zone" "this" {
  # checkov:skip=CKV2_AWS_38:DNSSEC is switched on with the registrar, who must publish the key first.
  # checkov:skip=CKV2_AWS_39:Queries say who asks, and nothing that the balancer's log does not say.

  count = var.zone_id == null ? 1 : 0

  name = var.domain_name
}

# --- Certificates: one at the edge, one at the balancer -------------------------------------------------------------

resource "aws_acm_certificate" "edge" {
  provider = aws.us_east_1

  domain_name               = var.domain_name
  subject_alternative_names = ["www.${var.domain_name}"]
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_acm_certificate" "balancer" {
  domain_name               = var.domain_name
  subject_alternative_names = ["www.${var.domain_name}", local.origin]
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

# The same name has the same proof in every region.
resource "aws_route53_record" "proof" {
  for_each = setunion(local.names, [local.origin])

  zone_id         = local.zone_id
  name            = one([for option in aws_acm_certificate.balancer.domain_validation_options : option.resource_record_name if option.domain_name == each.key])
  type            = one([for option in aws_acm_certificate.balancer.domain_validation_options : option.resource_record_type if option.domain_name == each.key])
  records         = [for option in aws_acm_certificate.balancer.domain_validation_options : option.resource_record_value if option.domain_name == each.key]
  ttl             = 300
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "edge" {
  provider = aws.us_east_1

  certificate_arn = aws_acm_certificate.edge.arn

  depends_on = [aws_route53_record.proof]
}

resource "aws_acm_certificate_validation" "balancer" {
  certificate_arn = aws_acm_certificate.balancer.arn

  depends_on = [aws_route53_record.proof]
}

# --- Names -------------------------------------------------------------------------------------------------------------

resource "aws_route53_record" "shop" {
  for_each = { for pair in setproduct(local.names, ["A", "AAAA"]) : "${pair[0]}-${pair[1]}" => { name = pair[0], type = pair[1] } }

  zone_id = local.zone_id
  name    = each.value.name
  type    = each.value.type

  alias {
    name                   = aws_cloudfront_distribution.this.domain_name
    zone_id                = aws_cloudfront_distribution.this.hosted_zone_id
    evaluate_target_health = false
  }
}

# CloudFront asks this name. With a balancer in a second region, that one answers while no host of the first is healthy.
resource "aws_route53_record" "origin" {
  zone_id        = local.zone_id
  name           = local.origin
  type           = "A"
  set_identifier = var.failover == null ? null : "first"

  alias {
    name                   = var.balancer_dns_name
    zone_id                = var.balancer_zone_id
    evaluate_target_health = true
  }

  dynamic "failover_routing_policy" {
    for_each = var.failover == null ? [] : ["PRIMARY"]

    content {
      type = failover_routing_policy.value
    }
  }
}

resource "aws_route53_record" "second" {
  count = var.failover == null ? 0 : 1

  zone_id        = local.zone_id
  name           = local.origin
  type           = "A"
  set_identifier = "second"

  alias {
    name                   = var.failover.dns_name
    zone_id                = var.failover.zone_id
    evaluate_target_health = true
  }

  failover_routing_policy {
    type = "SECONDARY"
  }
}

# Health as seen from outside, the database's too: the balancer asks each host for its own alone.
resource "aws_route53_health_check" "shop" {
  fqdn              = var.domain_name
  type              = "HTTPS"
  port              = 443
  resource_path     = "/health"
  request_interval  = 30
  failure_threshold = 3

  tags = { Name = var.name }
}

# --- Delivery --------------------------------------------------------------------------------------------------------

resource "aws_cloudfront_origin_access_control" "files" {
  name                              = "${var.name}-files"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

locals {
  files_copies = var.files_copy == null ? [] : ["files-copy"]
  # Seconds that the edge keeps what says nothing itself. Names of static files carry their content's hash.
  kept = { pages = 0, static = 31536000, media = 3600, documents = 0 }
  files = merge(
    { "static/*" = { kept = "static", signed = false }, "media/*" = { kept = "media", signed = false } },
    length(var.signing_public_keys) == 0 ? {} : { "documents/*" = { kept = "documents", signed = true } },
  )
}

resource "aws_cloudfront_cache_policy" "this" {
  for_each = var.own_policies ? local.kept : {}

  name        = "${var.name}-${each.key}"
  min_ttl     = 0
  default_ttl = each.value
  max_ttl     = each.key == "pages" ? 31536000 : max(each.value, 1)

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = true
    enable_accept_encoding_gzip   = true

    cookies_config {
      cookie_behavior = "none"
    }

    headers_config {
      header_behavior = each.key == "pages" ? "whitelist" : "none"

      dynamic "headers" {
        for_each = each.key == "pages" ? [1] : []

        content {
          items = ["Host"]
        }
      }
    }

    query_strings_config {
      query_string_behavior = each.key == "pages" ? "all" : "none"
    }
  }
}

# Cookies and headers reach the shop, but are no part of what is kept: a page with anything personal says so itself.
resource "aws_cloudfront_origin_request_policy" "pages" {
  count = var.own_policies ? 1 : 0

  name = "${var.name}-pages"

  cookies_config {
    cookie_behavior = "all"
  }

  headers_config {
    header_behavior = "allViewer"
  }

  query_strings_config {
    query_string_behavior = "all"
  }
}

resource "aws_cloudfront_response_headers_policy" "this" {
  # checkov:skip=CKV_AWS_259:It binds the shop's name; the names below it and the lists of browsers are asked for by variable.

  count = var.own_policies ? 1 : 0

  name = var.name

  security_headers_config {
    content_type_options {
      override = true
    }

    frame_options {
      frame_option = "DENY"
      override     = false
    }

    referrer_policy {
      referrer_policy = "same-origin"
      override        = false
    }

    strict_transport_security {
      access_control_max_age_sec = 31536000
      include_subdomains         = var.hsts_subdomains
      preload                    = var.hsts_preload
      override                   = true
    }
  }
}

# The policies that AWS keeps for everybody, by the ids that its documentation gives ("Use managed cache policies", "… origin
# request policies", "… response headers policies"): origin's own headers, CachingOptimized, AllViewer, SecurityHeadersPolicy.
locals {
  cache_policy_ids = {
    for key in keys(local.kept) : key => (
      var.own_policies ? aws_cloudfront_cache_policy.this[key].id
      : key == "pages" ? "4cc15a8a-d715-48a4-82b8-cc0b614638fe" : "658327ea-f89d-4fab-a63d-7e88639e58f6"
    )
  }
  request_policy_id = var.own_policies ? aws_cloudfront_origin_request_policy.pages[0].id : "216adef6-5c7f-47e4-b989-5492eafa07d3"
  headers_policy_id = var.own_policies ? aws_cloudfront_response_headers_policy.this[0].id : "67f7725c-6f97-4210-82d7-5512b31e9d03"
}

resource "aws_cloudfront_public_key" "documents" {
  for_each = var.signing_public_keys

  name = "${var.name}-documents-${each.key}"
  # CloudFront gives it back with one line end, whatever it was given with.
  encoded_key = "${trimspace(each.value)}\n"

  # A key that a group names cannot be deleted: the group lets it go first.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudfront_key_group" "documents" {
  count = length(var.signing_public_keys) == 0 ? 0 : 1

  name  = "${var.name}-documents"
  items = [for key in aws_cloudfront_public_key.documents : key.id]
}

resource "aws_cloudfront_distribution" "this" {
  # checkov:skip=CKV2_AWS_32:It has one: ours or AWS's, by a local.
  # checkov:skip=CKV2_AWS_47:The firewall has the rules of known bad inputs; they stand in a dynamic block.
  # checkov:skip=CKV_AWS_86:The firewall and the balancer log the same requests, for days and not for ever.
  # checkov:skip=CKV_AWS_305:The shop answers / itself.
  # checkov:skip=CKV_AWS_310:Files have a group; orders are POSTs, which groups refuse, and fail over by the origin's name.
  # checkov:skip=CKV_AWS_374:Countries are a variable: a shop need not refuse its customers abroad.

  comment         = var.name
  enabled         = true
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = var.price_class
  aliases         = local.names
  web_acl_id      = aws_wafv2_web_acl.this.arn

  origin {
    origin_id   = "shop"
    domain_name = local.origin

    custom_header {
      name  = "X-Origin-Secret"
      value = var.origin_secret
    }

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }

  origin {
    origin_id                = "files"
    domain_name              = var.files_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.files.id
  }

  default_cache_behavior {
    target_origin_id           = "shop"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = local.cache_policy_ids["pages"]
    origin_request_policy_id   = local.request_policy_id
    response_headers_policy_id = local.headers_policy_id
  }

  # The copy of a second region, for what the first one does not answer.
  dynamic "origin" {
    for_each = local.files_copies

    content {
      origin_id                = origin.value
      domain_name              = var.files_copy.domain_name
      origin_access_control_id = aws_cloudfront_origin_access_control.files.id
    }
  }

  dynamic "origin_group" {
    for_each = local.files_copies

    content {
      origin_id = "files-anywhere"

      failover_criteria {
        status_codes = [500, 502, 503, 504]
      }

      member {
        origin_id = "files"
      }

      member {
        origin_id = "files-copy"
      }
    }
  }

  dynamic "ordered_cache_behavior" {
    for_each = local.files

    content {
      path_pattern               = ordered_cache_behavior.key
      target_origin_id           = length(local.files_copies) == 0 ? "files" : "files-anywhere"
      viewer_protocol_policy     = "redirect-to-https"
      allowed_methods            = ["GET", "HEAD"]
      cached_methods             = ["GET", "HEAD"]
      compress                   = true
      cache_policy_id            = local.cache_policy_ids[ordered_cache_behavior.value.kept]
      response_headers_policy_id = local.headers_policy_id
      trusted_key_groups         = ordered_cache_behavior.value.signed ? aws_cloudfront_key_group.documents[*].id : null
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = length(var.countries) == 0 ? "none" : "whitelist"
      locations        = var.countries
    }
  }

  viewer_certificate {
    acm_certificate_arn      = aws_acm_certificate_validation.edge.certificate_arn
    minimum_protocol_version = "TLSv1.2_2021"
    ssl_support_method       = "sni-only"
  }

  tags = { Name = var.name }
}

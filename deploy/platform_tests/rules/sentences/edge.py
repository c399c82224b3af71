"""Names, certificates, delivery and firewall."""

from __future__ import annotations

from rules.sentences.sentence import ABSENT, By, Is, Sentence, from_, has

CDN = "AmazonCloudFront/latest/DeveloperGuide/"
WAF = "waf/latest/developerguide/"
DNS = "Route53/latest/DeveloperGuide/"
DOMAIN = "boutique.webmarket.example"
OWN_POLICIES = ("staging", "production")
PRODUCTION = ("production",)
METHODS = {"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}
DISTRIBUTION = "aws_cloudfront_distribution"
ORIGINS = {"shop", "files"}
POLICY = "parameters_in_cache_key_and_forwarded_to_origin."


def _cached(key: str, seconds: int, most: int) -> Sentence:
    page = key == "pages"
    return Sentence(
        f"the edge keeps {key} as long as they stay what they are",
        CDN + "controlling-the-cache-key.html",
        "aws_cloudfront_cache_policy",
        {
            "min_ttl": 0,
            "default_ttl": seconds,
            "max_ttl": most,
            POLICY + "enable_accept_encoding_brotli": True,
            POLICY + "enable_accept_encoding_gzip": True,
            POLICY + "cookies_config.cookie_behavior": "none",
            POLICY + "headers_config.header_behavior": "whitelist" if page else "none",
            POLICY + "query_strings_config.query_string_behavior": "all" if page else "none",
            **({POLICY + "headers_config.headers.items": ("Host",)} if page else {}),
        },
        rf'aws_cloudfront_cache_policy\.this\["{key}"',
        1,
        OWN_POLICIES,
    )


def _limit(name: str, limit: int, priority: int) -> Sentence:
    statement = "rule.statement.rate_based_statement."
    return Sentence(
        f"the firewall limits {name}",
        WAF + "waf-rule-statement-type-rate-based.html",
        "aws_wafv2_web_acl",
        {
            "rule": has(f"'limit': {limit}", f"'name': '{name}'", f"'priority': {priority}"),
            statement + "aggregate_key_type": "IP",
            statement + "evaluation_window_sec": 60,
        },
    )


SENTENCES = (
    Sentence(
        "the shop has a zone of its own",
        DNS + "hosted-zones-working-with.html",
        "aws_route53_zone",
        {"name": DOMAIN},
        count=1,
    ),
    *(
        Sentence(
            f"the certificate of the {where} names the shop, with proof by DNS",
            "acm/latest/userguide/dns-validation.html",
            "aws_acm_certificate",
            {"domain_name": DOMAIN, "validation_method": "DNS", "subject_alternative_names": has(*names)},
            rf"aws_acm_certificate\.{where}$",
            1,
        )
        for where, names in (
            ("edge", (f"www.{DOMAIN}",)),
            ("balancer", (f"www.{DOMAIN}", f"origin.{DOMAIN}")),
        )
    ),
    Sentence(
        "each name is proven in the zone",
        "acm/latest/userguide/dns-validation.html",
        "aws_route53_record",
        {"ttl": 300, "allow_overwrite": True, "zone_id": from_("aws_route53_zone.this")},
        r"aws_route53_record\.proof\[",
        3,
    ),
    Sentence(
        "shop and www lead to the edge, by IPv4 and IPv6",
        DNS + "routing-to-cloudfront-distribution.html",
        "aws_route53_record",
        {
            "alias.name": from_("aws_cloudfront_distribution.this"),
            "alias.zone_id": from_("aws_cloudfront_distribution.this"),
            "alias.evaluate_target_health": False,
        },
        r"aws_route53_record\.shop\[",
        4,
    ),
    *(
        Sentence(
            f"{name} leads to the edge ({kind})",
            DNS + "routing-to-cloudfront-distribution.html",
            "aws_route53_record",
            {"name": name, "type": kind},
            rf'aws_route53_record\.shop\["{name}-{kind}"',
            1,
        )
        for name in (DOMAIN, f"www.{DOMAIN}")
        for kind in ("A", "AAAA")
    ),
    Sentence(
        "the origin's name leads to the balancer, while it is healthy",
        DNS + "dns-failover.html",
        "aws_route53_record",
        {
            "name": f"origin.{DOMAIN}",
            "type": "A",
            "alias.name": from_("aws_lb.this"),
            "alias.zone_id": from_("aws_lb.this"),
            "alias.evaluate_target_health": True,
            "zone_id": from_("aws_route53_zone.this"),
            "set_identifier": By(demo=ABSENT, staging=ABSENT, production="first"),
            "failover_routing_policy.type": By(demo=ABSENT, staging=ABSENT, production="PRIMARY"),
        },
        r"aws_route53_record\.origin$",
        1,
    ),
    Sentence(
        "a second region's balancer answers when the first is gone",
        DNS + "dns-failover.html",
        "aws_route53_record",
        {
            "name": f"origin.{DOMAIN}",
            "type": "A",
            "set_identifier": "second",
            "alias.name": "webmarket.eu-central-1.elb.amazonaws.com",
            "alias.zone_id": "Z215JYRZR1TBD5",
            "alias.evaluate_target_health": True,
            "failover_routing_policy.type": "SECONDARY",
        },
        r"aws_route53_record\.second",
        1,
        PRODUCTION,
    ),
    Sentence(
        "the shop's health is asked for from outside, twice a minute",
        DNS + "health-checks-types.html",
        "aws_route53_health_check",
        {
            "fqdn": DOMAIN,
            "type": "HTTPS",
            "port": 443,
            "resource_path": "/health",
            "request_interval": 30,
            "failure_threshold": 3,
        },
        count=1,
    ),
    # --- Delivery ----------------------------------------------------------------------------------------------------
    Sentence(
        "requests for files are signed",
        CDN + "private-content-restricting-access-to-s3.html",
        "aws_cloudfront_origin_access_control",
        {"origin_access_control_origin_type": "s3", "signing_behavior": "always", "signing_protocol": "sigv4"},
        count=1,
    ),
    Sentence(
        "the edge serves the shop's names, in Europe and North America, by HTTP/2 and 3",
        CDN + "distribution-web-values-specify.html",
        DISTRIBUTION,
        {
            "enabled": True,
            "is_ipv6_enabled": True,
            "http_version": "http2and3",
            "price_class": "PriceClass_100",
            "aliases.*": {DOMAIN, f"www.{DOMAIN}"},
            "web_acl_id": from_("aws_wafv2_web_acl.this"),
        },
        count=1,
    ),
    Sentence(
        "visitors speak TLS 1.2 or newer",
        CDN + "secure-connections-supported-viewer-protocols-ciphers.html",
        DISTRIBUTION,
        {
            "viewer_certificate.minimum_protocol_version": "TLSv1.2_2021",
            "viewer_certificate.ssl_support_method": "sni-only",
            "viewer_certificate.acm_certificate_arn": from_("aws_acm_certificate_validation.edge"),
            "default_cache_behavior.viewer_protocol_policy": "redirect-to-https",
            "ordered_cache_behavior.viewer_protocol_policy": "redirect-to-https",
        },
    ),
    Sentence(
        "the edge asks the shop by TLS, with its secret, and files by their bucket",
        CDN + "using-https-cloudfront-to-custom-origin.html",
        DISTRIBUTION,
        {
            "origin.origin_id": By(demo=ORIGINS, staging=ORIGINS, production=ORIGINS | {"files-copy"}),
            "origin.domain_name": By(
                demo=from_("aws_s3_bucket.this"),
                staging=from_("aws_s3_bucket.this"),
                production=from_("aws_s3_bucket.this", "aws_s3_bucket.copy"),
            ),
            "origin.custom_origin_config.origin_protocol_policy": "https-only",
            "origin.custom_origin_config.https_port": 443,
            "origin.custom_origin_config.http_port": 80,
            "origin.custom_origin_config.origin_ssl_protocols": ("TLSv1.2",),
            "origin.custom_header.name": "X-Origin-Secret",
            "origin.custom_header.value": "only-between-the-edge-and-the-balancer",
            "origin.origin_access_control_id": from_("aws_cloudfront_origin_access_control.files"),
        },
    ),
    Sentence(
        "pages pass every method, and keep what is everybody's",
        CDN + "DownloadDistValuesCacheBehavior.html",
        DISTRIBUTION,
        {
            "default_cache_behavior.target_origin_id": "shop",
            "default_cache_behavior.allowed_methods.*": METHODS,
            "default_cache_behavior.cached_methods.*": {"GET", "HEAD"},
            "default_cache_behavior.compress": True,
        },
    ),
    Sentence(
        "files are read alone",
        CDN + "DownloadDistValuesCacheBehavior.html",
        DISTRIBUTION,
        {
            "ordered_cache_behavior.target_origin_id": By(demo="files", staging="files", production="files-anywhere"),
            "ordered_cache_behavior.allowed_methods.*": {"GET", "HEAD"},
            "ordered_cache_behavior.cached_methods.*": {"GET", "HEAD"},
            "ordered_cache_behavior.compress": True,
            "ordered_cache_behavior.path_pattern": By(
                demo={"static/*", "media/*"},
                staging={"static/*", "media/*"},
                production={"static/*", "media/*", "documents/*"},
            ),
        },
    ),
    Sentence(
        "files are read in the second region where the first one fails",
        CDN + "high_availability_origin_failover.html",
        DISTRIBUTION,
        {
            "origin_group.origin_id": "files-anywhere",
            "origin_group.member.origin_id": {"files", "files-copy"},
            "origin_group.failover_criteria.status_codes.*": {500, 502, 503, 504},
        },
        environments=PRODUCTION,
    ),
    Sentence(
        "pages and files take the environment's own policies",
        CDN + "working-with-policies.html",
        DISTRIBUTION,
        {
            "default_cache_behavior.cache_policy_id": from_("aws_cloudfront_cache_policy.this"),
            "default_cache_behavior.origin_request_policy_id": from_("aws_cloudfront_origin_request_policy.pages"),
            "default_cache_behavior.response_headers_policy_id": from_("aws_cloudfront_response_headers_policy.this"),
        },
        environments=OWN_POLICIES,
    ),
    Sentence(
        "demo takes AWS's policies",
        CDN + "using-managed-cache-policies.html",
        DISTRIBUTION,
        {
            "default_cache_behavior.cache_policy_id": "4cc15a8a-d715-48a4-82b8-cc0b614638fe",
            "default_cache_behavior.origin_request_policy_id": "216adef6-5c7f-47e4-b989-5492eafa07d3",
            "default_cache_behavior.response_headers_policy_id": "67f7725c-6f97-4210-82d7-5512b31e9d03",
            "ordered_cache_behavior.cache_policy_id": "658327ea-f89d-4fab-a63d-7e88639e58f6",
            "ordered_cache_behavior.response_headers_policy_id": "67f7725c-6f97-4210-82d7-5512b31e9d03",
        },
        environments=("demo",),
    ),
    Sentence(
        "countries are refused where they are named alone",
        CDN + "georestrictions.html",
        DISTRIBUTION,
        {
            "restrictions.geo_restriction.restriction_type": By(demo="none", staging="whitelist", production="none"),
            "restrictions.geo_restriction.locations.*": By(demo=set(), staging={"FR", "BE"}, production=set()),
        },
    ),
    Sentence(
        "documents are read by addresses that one of two keys signed",
        CDN + "private-content-trusted-signers.html",
        "aws_cloudfront_public_key",
        {"encoded_key": has("BEGIN PUBLIC KEY"), "name": has("-documents-2026-")},
        count=By(demo=0, staging=0, production=2),
    ),
    Sentence(
        "a key follows another without a gap: the group holds both",
        CDN + "private-content-trusted-signers.html",
        "aws_cloudfront_key_group",
        {"items": from_("aws_cloudfront_public_key.documents")},
        count=By(demo=0, staging=0, production=1),
    ),
    Sentence(
        "documents are not read without a signature",
        CDN + "private-content-restricting-access.html",
        DISTRIBUTION,
        # An id that is known only after `apply` is missing; one that is null reads documents without a signature.
        {
            "ordered_cache_behavior": Is(
                "signed where documents are",
                lambda found: (
                    {one["path_pattern"] for one in found if one.get("trusted_key_groups", ["later"])}
                    == {"documents/*"}
                ),
            )
        },
        environments=PRODUCTION,
    ),
    _cached("pages", 0, 31536000),
    _cached("static", 31536000, 31536000),
    _cached("media", 3600, 3600),
    _cached("documents", 0, 1),
    Sentence(
        "the shop sees what visitors send",
        CDN + "controlling-origin-requests.html",
        "aws_cloudfront_origin_request_policy",
        {
            "cookies_config.cookie_behavior": "all",
            "headers_config.header_behavior": "allViewer",
            "query_strings_config.query_string_behavior": "all",
        },
        count=1,
        environments=OWN_POLICIES,
    ),
    Sentence(
        "answers bind browsers to TLS for a year, and are what they say they are",
        CDN + "understanding-response-headers-policies.html",
        "aws_cloudfront_response_headers_policy",
        {
            "security_headers_config.content_type_options.override": True,
            "security_headers_config.frame_options.frame_option": "DENY",
            "security_headers_config.frame_options.override": False,
            "security_headers_config.referrer_policy.referrer_policy": "same-origin",
            "security_headers_config.referrer_policy.override": False,
            "security_headers_config.strict_transport_security.access_control_max_age_sec": 31536000,
            "security_headers_config.strict_transport_security.include_subdomains": False,
            "security_headers_config.strict_transport_security.preload": False,
            "security_headers_config.strict_transport_security.override": True,
        },
        count=1,
        environments=OWN_POLICIES,
    ),
    # --- Firewall ----------------------------------------------------------------------------------------------------
    Sentence(
        "the firewall stands at the edge, and lets through what no rule refuses",
        WAF + "web-acl-default-action.html",
        "aws_wafv2_web_acl",
        {
            "scope": "CLOUDFRONT",
            "default_action.allow": has("{"),
            "rule.name": By(
                demo={
                    *("rate", "forms", "api", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesSQLiRuleSet"),
                    "AWSManagedRulesKnownBadInputsRuleSet",
                },
                staging={
                    *("rate", "forms", "api", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesSQLiRuleSet"),
                    "AWSManagedRulesKnownBadInputsRuleSet",
                },
                production={
                    *("rate", "forms", "api", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesSQLiRuleSet"),
                    *("AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesBotControlRuleSet"),
                },
            ),
            "rule.visibility_config.cloudwatch_metrics_enabled": True,
            "rule.visibility_config.sampled_requests_enabled": True,
            "visibility_config.cloudwatch_metrics_enabled": True,
            "visibility_config.sampled_requests_enabled": True,
        },
        count=1,
    ),
    _limit("rate", 6000, 1),
    _limit("forms", 20, 2),
    _limit("api", 300, 3),
    Sentence(
        "AWS's rules refuse by themselves, but for what staff upload",
        WAF + "aws-managed-rule-groups-baseline.html",
        "aws_wafv2_web_acl",
        {
            "rule.override_action.none": has("{"),
            "rule.override_action.count": ABSENT,
            "rule.statement.managed_rule_group_statement.vendor_name": "AWS",
            "rule.statement.managed_rule_group_statement.rule_action_override.name": By(
                demo={"SizeRestrictions_BODY"},
                staging={"SizeRestrictions_BODY"},
                production={"SizeRestrictions_BODY", "CategoryHttpLibrary", "SignalNonBrowserUserAgent"},
            ),
            "rule.statement.managed_rule_group_statement.rule_action_override.action_to_use.count": has("{"),
        },
    ),
    Sentence(
        "the log of the firewall hides who was logged in",
        WAF + "logging.html",
        "aws_wafv2_web_acl_logging_configuration",
        {
            "redacted_fields.single_header.name": {"cookie", "authorization"},
            "log_destination_configs": from_("aws_cloudwatch_log_group.firewall"),
            "resource_arn": from_("aws_wafv2_web_acl.this"),
        },
        count=1,
    ),
)

"""E-mail: who sends is proven, and nobody is written to who cannot be reached or does not want to be."""

from __future__ import annotations

from rules.sentences.edge import DOMAIN
from rules.sentences.sentence import Sentence, from_, has

SES = "ses/latest/dg/"
RECORD = "aws_route53_record"

SENTENCES = (
    Sentence(
        "an address that bounces or complains is written to no more, and e-mail leaves by TLS",
        SES + "sending-email-suppression-list.html",
        "aws_sesv2_configuration_set",
        {
            "configuration_set_name": "{name}",
            "suppression_options.suppressed_reasons.*": {"BOUNCE", "COMPLAINT"},
            "delivery_options.tls_policy": "REQUIRE",
            "reputation_options.reputation_metrics_enabled": True,
            "sending_options.sending_enabled": True,
        },
        count=1,
    ),
    Sentence(
        "the domain sends, by that set, and signs with 2048 bits",
        SES + "send-email-authentication-dkim-easy.html",
        "aws_sesv2_email_identity",
        {
            "email_identity": DOMAIN,
            "configuration_set_name": "{name}",
            "dkim_signing_attributes.next_signing_key_length": "RSA_2048_BIT",
        },
        count=1,
    ),
    Sentence(
        "its three keys stand in the zone",
        SES + "send-email-authentication-dkim-easy.html",
        RECORD,
        {"type": "CNAME", "ttl": 1800, "zone_id": from_("aws_route53_zone.this")},
        r"mail\.aws_route53_record\.dkim\[",
        3,
    ),
    Sentence(
        "bounces go to a domain of ours",
        SES + "mail-from.html",
        "aws_sesv2_email_identity_mail_from_attributes",
        {
            "email_identity": DOMAIN,
            "mail_from_domain": f"bounce.{DOMAIN}",
            "behavior_on_mx_failure": "USE_DEFAULT_VALUE",
        },
        count=1,
    ),
    *(
        Sentence(
            says,
            SES + page,
            RECORD,
            {
                "name": f"{name}.{DOMAIN}",
                "type": kind,
                "ttl": 1800,
                "records.*": {value},
                "zone_id": from_("aws_route53_zone.this"),
            },
            rf"mail\.aws_route53_record\.{block}$",
            1,
        )
        for says, page, block, name, kind, value in (
            (
                *("SES takes what comes back", "mail-from.html", "bounces", "bounce", "MX"),
                "10 feedback-smtp.eu-west-3.amazonses.com",
            ),
            (
                *("SES alone may send for it", "send-email-authentication-spf.html", "spf", "bounce", "TXT"),
                "v=spf1 include:amazonses.com -all",
            ),
            (
                *("receivers distrust anything else", "send-email-authentication-dmarc.html", "dmarc", "_dmarc", "TXT"),
                "v=DMARC1; p=quarantine; adkim=s; aspf=r; rua=mailto:operations@webmarket.example",
            ),
        )
    ),
    Sentence(
        "one user sends, from the shop's domain, and does nothing else",
        SES + "smtp-credentials.html",
        "aws_iam_user_policy",
        {
            "user": "{name}-smtp",
            "policy": has(
                '"Action":"ses:SendRawEmail"',
                '"Effect":"Allow"',
                f'"StringLike":{{"ses:FromAddress":"*@{DOMAIN}"}}',
                f'identity/{DOMAIN}"',
                "configuration-set/webmarket-",
            ),
        },
        count=1,
    ),
    Sentence("no other user is there", "IAM/latest/UserGuide/best-practices.html", "aws_iam_user", count=1),
)

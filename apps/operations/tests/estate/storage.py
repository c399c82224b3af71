"""Buckets."""

import json
from typing import Any

from apps.operations.tests.estate.planting import FOREIGN, Estate

REGION = "eu-west-3"


def _tls_only(name: str) -> dict[str, Any]:
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _bucket(estate: Estate, name: str, *statements: dict[str, Any], without: str = "", acl: str = "private") -> str:
    """A bucket with everything that one should have, but for what is named."""
    s3 = estate("s3")
    s3.create_bucket(
        Bucket=name,
        CreateBucketConfiguration={"LocationConstraint": REGION},
        ObjectOwnership="ObjectWriter" if acl != "private" else "BucketOwnerEnforced",
    )
    s3.put_bucket_tagging(
        Bucket=name,
        Tagging={"TagSet": [{"Key": "Environment", "Value": "production"}, {"Key": "Project", "Value": "webmarket"}]},
    )
    s3.put_bucket_encryption(
        Bucket=name,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}]
        },
    )
    rules = list(statements) if without == "tls" else [_tls_only(name), *statements]
    if rules:
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": rules}))
    if acl != "private":
        s3.put_bucket_acl(Bucket=name, ACL=acl)
    if without != "versioning":
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    if without != "lifecycle":
        s3.put_bucket_lifecycle_configuration(
            Bucket=name,
            LifecycleConfiguration={
                "Rules": [
                    {
                        "ID": "old-versions",
                        "Status": "Enabled",
                        "Filter": {"Prefix": ""},
                        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                    }
                ]
            },
        )
    if without != "block":
        s3.put_public_access_block(
            Bucket=name,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        )
    return name


def _read(name: str, **more: Any) -> dict[str, Any]:
    return {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": f"arn:aws:s3:::{name}/*"} | more


def plant(estate: Estate) -> None:
    anyone = _read("shop-open", Principal={"AWS": ["*"]}, Condition={"Bool": {"aws:SecureTransport": "true"}})
    estate.fault(
        "S3.2", "bucket that its policy opens to the world", _bucket(estate, "shop-open", anyone, without="block")
    )
    acl = _bucket(estate, "shop-acl", without="block", acl="authenticated-read")
    estate.fault("S3.2", "bucket that its ACL opens to every AWS customer", acl)
    estate.fault("S3.8", "bucket without block of public access", _bucket(estate, "shop-unblocked", without="block"))
    estate.fault("S3.5", "bucket that answers without TLS", _bucket(estate, "shop-no-tls", without="tls"))
    estate.fault("S3.14", "bucket without versions", _bucket(estate, "shop-no-versions", without="versioning"))
    estate.fault("S3.13", "bucket without lifecycle", _bucket(estate, "shop-no-lifecycle", without="lifecycle"))
    foreign = {
        "Sid": "Partner",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{FOREIGN}:root"},
        "Action": ["s3:PutBucketPolicy", "s3:DeleteObject"],
        "Resource": ["arn:aws:s3:::shop-partner", "arn:aws:s3:::shop-partner/*"],
    }
    estate.fault("S3.6", "bucket whose policy a foreign account may change", _bucket(estate, "shop-partner", foreign))

    cdn = _read(
        "shop-media",
        Principal={"Service": "cloudfront.amazonaws.com"},
        Condition={"StringEquals": {"AWS:SourceArn": "arn:aws:cloudfront::123456789012:distribution/E1"}},
    )
    estate.twin("S3.2", "bucket that one distribution of CloudFront reads", _bucket(estate, "shop-media", cdn))
    house = _read("shop-house", Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abcdef1234"}})
    estate.twin("S3.2", "bucket that the organisation alone reads", _bucket(estate, "shop-house", house))
    estate.twin("S3.5", "private bucket that refuses what is not TLS", _bucket(estate, "shop-logs"))

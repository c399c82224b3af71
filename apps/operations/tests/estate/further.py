"""A fault for each check that no fault of `plant` meets, and its twin where there is one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone

from apps.operations.tests.estate import balancers, compute, databases, identity, network, storage
from apps.operations.tests.estate.planting import Estate, specification, tags

OURS = "123456789012"


@contextmanager
def _days_ago(days: int) -> Iterator[None]:
    with time_machine.travel(timezone.now() - timedelta(days=days), tick=True):
        yield


def _network(estate: Estate) -> None:
    smb = network._group(estate, "smb", network._tcp(445, 445, network.WORLD))
    estate.fault("open_risky_port", "SMB open to the world", smb)
    partner = network._group(estate, "smb-office", network._tcp(445, 445, "198.51.100.7/32"))
    estate.twin("open_risky_port", "SMB open to one office", partner)


def _machines(estate: Estate) -> None:
    ec2 = estate("ec2")
    for name, percent in (("too-large", 15.0), ("large-enough", 45.0)):
        instance, _disk = compute._instance(estate, name, "t4g.large", compute.GOOD_DISK)
        estate.measure("AWS/EC2", "CPUUtilization", {"InstanceId": instance}, percent)
        if percent < 20:
            estate.fault("oversized_instance", "instance twice as large as it need be", instance)
        else:
            estate.twin("oversized_instance", "instance of the right size", instance)
    bare, _disk = compute._instance(estate, "unwatched", "t4g.small", compute.GOOD_DISK)
    estate("cloudwatch").delete_alarms(AlarmNames=[f"{bare}-StatusCheckFailed"])
    estate.fault("missing_alarm", "instance that no alarm watches", bare)
    old, _disk = compute._instance(estate, "for-years", "t4g.small", compute.GOOD_DISK)
    compute.age(old, timedelta(days=200))
    estate.fault("commit_to_use", "instance that has run on demand for half a year", old)

    estate("cloudwatch").put_metric_alarm(
        AlarmName="to-nobody",
        Namespace="AWS/EC2",
        MetricName="CPUUtilization",
        ComparisonOperator="GreaterThanThreshold",
        Threshold=90,
        Period=300,
        EvaluationPeriods=2,
        Statistic="Average",
    )
    estate.fault("silent_alarm", "alarm without an action", "alarm:to-nobody")

    with _days_ago(200):
        volume = ec2.create_volume(AvailabilityZone="eu-west-3a", Size=8, Encrypted=True)["VolumeId"]
        aged = ec2.create_snapshot(VolumeId=volume, TagSpecifications=specification("snapshot", "aged"))["SnapshotId"]
    estate.fault("old_snapshot", "snapshot of half a year", aged)
    ec2.delete_volume(VolumeId=volume)
    volume = ec2.create_volume(AvailabilityZone="eu-west-3a", Size=8)["VolumeId"]
    plain = ec2.create_snapshot(VolumeId=volume, TagSpecifications=specification("snapshot", "plain"))["SnapshotId"]
    ec2.delete_volume(VolumeId=volume)
    estate.fault("unencrypted_snapshot", "snapshot that is not encrypted", plain)


def _balancers(estate: Estate) -> None:
    loose, group = balancers._balancer(estate, "shop-loose")
    balancers._behind(estate, group)
    balancers._https(estate, loose, group, balancers.NEW_TLS)
    estate("elbv2").modify_load_balancer_attributes(
        LoadBalancerArn=loose, Attributes=[{"Key": "deletion_protection.enabled", "Value": "false"}]
    )
    estate.fault("unprotected_balancer", "balancer without deletion protection", loose)
    for days in (20, 200):
        arn = _certificate(estate, days)
        if days < 30:
            estate.fault("expiring_certificate", "certificate that ends in twenty days", arn)
        else:
            estate.twin("expiring_certificate", "certificate that ends in half a year", arn)


def _certificate(estate: Estate, days: int) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"in-{days}-days.example")])
    now = timezone.now()
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(days)
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    arn: str = estate("acm").import_certificate(
        Certificate=signed.public_bytes(serialization.Encoding.PEM), PrivateKey=private
    )["CertificateArn"]
    return arn


def _databases(estate: Estate) -> None:
    large = databases._database(estate, "db-too-large", percent=9.0, DBInstanceClass="db.t4g.large")
    estate.fault("oversized_database", "database twice as large as it need be", large)
    rds = estate("rds")
    rds.create_db_snapshot(DBInstanceIdentifier="db-plain", DBSnapshotIdentifier="snap-plain", Tags=tags("snap-plain"))
    estate.fault("unencrypted_database_snapshot", "database snapshot that is not encrypted", "snap-plain")
    for name, is_encrypted in (("cache-plain", False), ("cache-good", True)):
        estate("elasticache").create_replication_group(
            ReplicationGroupId=name,
            ReplicationGroupDescription=name,
            Engine="valkey",
            CacheNodeType="cache.t4g.micro",
            AtRestEncryptionEnabled=is_encrypted,
        )
    estate.fault("unencrypted_cache", "cache that is not encrypted", "cache-plain")
    estate.twin("unencrypted_cache", "encrypted cache", "cache-good")


def _identity(estate: Estate) -> None:
    whole = identity._policy(estate, "whole-s3", {"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    estate.fault("iam_whole_service", "policy with every action of a service", whole)
    forge = {"Federated": f"arn:aws:iam::{OURS}:oidc-provider/token.actions.githubusercontent.com"}
    audience = {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}
    anybody = identity._role(estate, "any-repository", forge, audience, "sts:AssumeRoleWithWebIdentity")
    estate.fault("open_federation", "role for the deployments of any repository", anybody)
    doomed = estate("kms").create_key(Description="doomed")["KeyMetadata"]["KeyId"]
    estate("kms").schedule_key_deletion(KeyId=doomed, PendingWindowInDays=30)
    estate.fault("doomed_key", "key whose deletion is scheduled", doomed)


def _data(estate: Estate) -> None:
    ecr, efs = estate("ecr"), estate("efs")
    world = {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage", "Sid": "world"}
    for name in ("unscanned", "for-anyone", "scanned"):
        ecr.create_repository(
            repositoryName=name, imageScanningConfiguration={"scanOnPush": name != "unscanned"}, tags=tags(name)
        )
    text = json.dumps({"Version": "2012-10-17", "Statement": [world]})
    ecr.set_repository_policy(repositoryName="for-anyone", policyText=text)
    estate.fault("unscanned_repository", "images that nothing examines", "repository/unscanned")
    estate.fault("open_repository", "images that anyone may fetch", "repository/for-anyone")
    estate.twin("unscanned_repository", "private images that are examined", "repository/scanned")
    for is_encrypted in (False, True):
        number = efs.create_file_system(Encrypted=is_encrypted, Tags=tags("files"))["FileSystemId"]
        if is_encrypted:
            estate.twin("unencrypted_file_system", "encrypted file system", number)
        else:
            estate.fault("unencrypted_file_system", "file system that is not encrypted", number)
    storage._bucket(estate, "shop-uncrypted")
    estate("s3").delete_bucket_encryption(Bucket="shop-uncrypted")
    estate.fault("unencrypted_bucket", "bucket without encryption of its own", "shop-uncrypted")
    # A detector that is switched off is as good as none.
    estate("guardduty").create_detector(Enable=False)
    estate.fault("no_budget", "no budget warns of the bill")
    estate.fault("account_without_block", "the account lets buckets become public")
    estate.fault("no_trail", "no trail covers all regions")
    estate("s3").create_bucket(Bucket="shop-backups", CreateBucketConfiguration={"LocationConstraint": compute.REGION})
    estate.fault("old_backup", "no logical backup", "shop-backups")


def plant(estate: Estate) -> None:
    _network(estate)
    _machines(estate)
    _balancers(estate)
    _databases(estate)
    _identity(estate)
    _data(estate)

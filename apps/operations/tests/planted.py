"""An account with faults, and for each a twin that has none: what the audit must find, and what it must not.

Everything is planted through AWS's own interface. Moto has no way to give the root account a second factor: this
fault is always there and has no twin.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

REGION = "eu-west-3"
ACCOUNT = "123456789012"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:team"
WORLD, HOME = "0.0.0.0/0", "10.0.0.0/16"
ASSUMED = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
BLOCK = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)


@dataclass(frozen=True)
class Pair:
    """A fault's check, the resource that has it, and the one beside it that has not."""

    check: str
    bad: str
    good: str


def policy(action: str, resource: str = "*", **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Planter:
    def __init__(self, aws: Callable, now: datetime) -> None:
        self.aws, self.now = aws, now
        self.ec2, self.rds, self.s3, self.iam = aws("ec2"), aws("rds"), aws("s3"), aws("iam")

    def plant(self) -> list[Pair]:
        """Everything half a year old would run long enough to promise its use: all is made a week ago, but for what
        is meant to be old."""
        with time_machine.travel(self.now - timedelta(days=7), tick=True):
            recent = [*self.ports(), *self.buckets(), *self.identities(), *self.machines(), *self.databases()]
            recent += [*self.disks(), *self.balancers(), *self.certificates()]
        return [*recent, *self.old()]

    def arn(self, rest: str) -> str:
        return f"arn:aws:ec2:{REGION}:{ACCOUNT}:{rest}"

    def alarm(self, namespace: str, dimension: str, value: str) -> None:
        self.aws("cloudwatch").put_metric_alarm(
            AlarmName=f"watches {value}",
            Namespace=namespace,
            MetricName="CPUUtilization",
            Dimensions=[{"Name": dimension, "Value": value}],
            Statistic="Average",
            Period=300,
            EvaluationPeriods=1,
            Threshold=80,
            ComparisonOperator="GreaterThanThreshold",
            AlarmActions=[TOPIC],
        )

    def ports(self) -> Iterator[Pair]:
        def group(name: str, first: int, last: int, **spans: list[dict[str, str]]) -> str:
            created = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
            rule = {"IpProtocol": "tcp", "FromPort": first, "ToPort": last, **spans}
            self.ec2.authorize_security_group_ingress(GroupId=created, IpPermissions=[rule])
            return self.arn(f"security-group/{created}")

        vpc = self.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        self.vpc = vpc
        yield Pair(
            "open_admin_port",
            group("ssh-world", 22, 22, IpRanges=[{"CidrIp": WORLD}]),
            group("ssh-home", 22, 22, IpRanges=[{"CidrIp": HOME}]),
        )
        yield Pair(
            "open_admin_port",
            group("range-v6-world", 0, 1000, Ipv6Ranges=[{"CidrIpv6": "::/0"}]),
            group("https-v6-world", 443, 443, Ipv6Ranges=[{"CidrIpv6": "::/0"}]),
        )
        yield Pair(
            "open_database_port",
            group("mysql-halves", 3306, 3306, IpRanges=[{"CidrIp": "0.0.0.0/1"}, {"CidrIp": "128.0.0.0/1"}]),
            group("mysql-home", 3306, 3306, IpRanges=[{"CidrIp": HOME}]),
        )

    def bucket(self, name: str, *, block: bool = True, encrypted: bool = True) -> str:
        self.s3.create_bucket(
            Bucket=name,
            CreateBucketConfiguration={"LocationConstraint": REGION},
            ObjectOwnership="ObjectWriter",
        )
        if encrypted:
            rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
            self.s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
        if block:
            self.s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=BLOCK)
        return f"arn:aws:s3:::{name}"

    def buckets(self) -> Iterator[Pair]:
        bad, good = self.bucket("list-open", block=False), self.bucket("list-open-ignored", block=False)
        for name in ("list-open", "list-open-ignored"):
            self.s3.put_bucket_acl(Bucket=name, ACL="public-read")
        self.s3.put_public_access_block(Bucket="list-open-ignored", PublicAccessBlockConfiguration=BLOCK)
        yield Pair("public_bucket", bad, good)
        bad, good = self.bucket("policy-open", block=False), self.bucket("policy-closed")
        for name, principal in (("policy-open", "*"), ("policy-closed", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"})):
            text = policy("s3:GetObject", f"arn:aws:s3:::{name}/*", Principal=principal)
            self.s3.put_bucket_policy(Bucket=name, Policy=text)
        yield Pair("public_bucket", bad, good)
        yield Pair("bucket_without_block", self.bucket("unblocked", block=False), self.bucket("blocked"))
        yield Pair("unencrypted_bucket", self.bucket("plain", encrypted=False), self.bucket("encrypted"))

    def identities(self) -> Iterator[Pair]:
        iam = self.iam

        def role(name: str, document: str) -> str:
            created = iam.create_role(RoleName=name, AssumeRolePolicyDocument=ASSUMED)["Role"]["Arn"]
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document)
            return created

        def managed(name: str, document: str) -> str:
            created = iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
            iam.attach_role_policy(RoleName="reads-one-bucket", PolicyArn=created)
            return created

        yield Pair(
            "iam_everything",
            role("does-everything", policy("*")),
            role("reads-one-bucket", policy("s3:GetObject", "arn:aws:s3:::blocked/*")),
        )
        yield Pair(
            "iam_whole_service",
            managed("all-of-s3", policy("s3:*")),
            managed("all-of-one-bucket", policy("s3:*", "arn:aws:s3:::blocked/*")),
        )
        # A ceiling grants nothing, and nobody holds it.
        iam.create_policy(PolicyName="ceiling", PolicyDocument=policy("ec2:*"))
        users = {name: iam.create_user(UserName=name)["User"]["Arn"] for name in ("alone", "doubly", "robot")}
        for name in ("alone", "doubly"):
            iam.create_login_profile(UserName=name, Password="Long-enough-42-words")
        iam.create_access_key(UserName="robot")
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(
            UserName="doubly", SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321"
        )
        yield Pair("missing_mfa", users["alone"], users["doubly"])

    def machine(self, kind: str, *, tokens: str = "required", watched: bool = True) -> str:
        (created,) = self.ec2.run_instances(
            ImageId="ami-12c6146b",
            InstanceType=kind,
            MinCount=1,
            MaxCount=1,
            MetadataOptions={"HttpTokens": tokens},
            BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8, "Encrypted": True}}],
        )["Instances"]
        if watched:
            self.alarm("AWS/EC2", "InstanceId", created["InstanceId"])
        return created["InstanceId"]

    def busy(self, namespace: str, metric: str, dimension: str, name: str, value: float) -> None:
        points = [
            {
                "MetricName": metric,
                "Dimensions": [{"Name": dimension, "Value": name}],
                "Timestamp": self.now - timedelta(days=day, hours=1),
                "Value": value,
            }
            for day in range(10)
        ]
        self.aws("cloudwatch").put_metric_data(Namespace=namespace, MetricData=points)

    def machines(self) -> Iterator[Pair]:
        def template(name: str, tokens: str) -> str:
            data = {"ImageId": "ami-12c6146b", "MetadataOptions": {"HttpTokens": tokens}}
            created = self.ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
            return self.arn(f"launch-template/{created['LaunchTemplate']['LaunchTemplateId']}")

        def machine(**given: Any) -> str:
            return self.arn(f"instance/{self.machine('t3.micro', **given)}")

        def used(kind: str, cpu: float) -> str:
            name = self.machine(kind)
            self.busy("AWS/EC2", "CPUUtilization", "InstanceId", name, cpu)
            return self.arn(f"instance/{name}")

        yield Pair("imds_v1", machine(tokens="optional"), machine())
        yield Pair("imds_v1_template", template("old-way", "optional"), template("new-way", "required"))
        yield Pair("missing_alarm", machine(watched=False), machine())
        yield Pair("idle_instance", used("t3.micro", 1.5), used("t3.micro", 60))
        yield Pair("oversized_instance", used("t3.medium", 12), used("t3.medium", 60))

    def database(self, name: str, **changes: Any) -> str:
        created = self.rds.create_db_instance(
            **{
                "DBInstanceIdentifier": name,
                "DBInstanceClass": "db.t4g.micro",
                "Engine": "mysql",
                "MasterUsername": "shop",
                "MasterUserPassword": "at least eight",
                "AllocatedStorage": 20,
                "StorageEncrypted": True,
                "MultiAZ": True,
                "BackupRetentionPeriod": 7,
                "DeletionProtection": True,
                "PubliclyAccessible": False,
                **changes,
            }
        )["DBInstance"]
        self.alarm("AWS/RDS", "DBInstanceIdentifier", name)
        return created["DBInstanceArn"]

    def databases(self) -> Iterator[Pair]:
        good = self.database("good")
        for check, name, fault in (
            ("public_database", "public", {"PubliclyAccessible": True}),
            ("unencrypted_database", "plain", {"StorageEncrypted": False}),
            ("single_zone_database", "alone", {"MultiAZ": False}),
            ("no_backups", "unsaved", {"BackupRetentionPeriod": 0}),
            ("unprotected_database", "unprotected", {"DeletionProtection": False}),
        ):
            yield Pair(check, self.database(name, **fault), good if name == "public" else self.database(f"not-{name}"))
        for name, connections in (("deserted", 0), ("lively", 12)):
            self.database(name)
            self.busy("AWS/RDS", "DatabaseConnections", "DBInstanceIdentifier", name, connections)
        arn = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:"
        yield Pair("idle_database", f"{arn}deserted", f"{arn}lively")
        taken = {
            name: self.rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier="good")["DBSnapshot"]
            for name in ("for-all", "for-us")
        }
        for name, account in (("for-all", "all"), ("for-us", "210987654321")):
            self.rds.modify_db_snapshot_attribute(
                DBSnapshotIdentifier=name, AttributeName="restore", ValuesToAdd=[account]
            )
        yield Pair("public_snapshot", taken["for-all"]["DBSnapshotArn"], taken["for-us"]["DBSnapshotArn"])

    def volume(self, *, encrypted: bool, attached: bool) -> str:
        created = self.ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=10, VolumeType="gp3", Encrypted=encrypted)[
            "VolumeId"
        ]
        if attached:
            self.ec2.attach_volume(VolumeId=created, InstanceId=self.machine("t3.micro"), Device="/dev/sdf")
        return created

    def disks(self) -> Iterator[Pair]:
        plain, encrypted = (self.volume(encrypted=each, attached=True) for each in (False, True))
        yield Pair("unencrypted_volume", self.arn(f"volume/{plain}"), self.arn(f"volume/{encrypted}"))
        free, taken = (self.volume(encrypted=True, attached=each) for each in (False, True))
        yield Pair("unattached_volume", self.arn(f"volume/{free}"), self.arn(f"volume/{taken}"))
        shots = [
            self.arn(f"snapshot/{self.ec2.create_snapshot(VolumeId=each)['SnapshotId']}") for each in (plain, encrypted)
        ]
        yield Pair("unencrypted_snapshot", *shots)
        allocations = [self.ec2.allocate_address(Domain="vpc")["AllocationId"] for _ in range(2)]
        self.ec2.associate_address(AllocationId=allocations[1], InstanceId=self.machine("t3.micro"))
        yield Pair("unused_address", *(self.arn(f"elastic-ip/{each}") for each in allocations))

    def balancers(self) -> Iterator[Pair]:
        elb = self.aws("elbv2")
        subnets = [each["SubnetId"] for each in self.ec2.describe_subnets()["Subnets"]][:2]
        target = self.machine("t3.micro")
        created = {}
        for name in ("empty", "served", "loose", "fast"):
            (balancer,) = elb.create_load_balancer(Name=name, Subnets=subnets)["LoadBalancers"]
            arn = created[name] = balancer["LoadBalancerArn"]
            (group,) = elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=self.vpc)["TargetGroups"]
            forward = [{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}]
            elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=forward)
            if name != "empty":
                elb.register_targets(TargetGroupArn=group["TargetGroupArn"], Targets=[{"Id": target}])
            protected = {"Key": "deletion_protection.enabled", "Value": "false" if name == "loose" else "true"}
            elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[protected])
            self.alarm("AWS/ApplicationELB", "LoadBalancer", arn.partition("loadbalancer/")[2])
        yield Pair("idle_balancer", created["empty"], created["served"])
        yield Pair("unprotected_balancer", created["loose"], created["fast"])

    def certificates(self) -> Iterator[Pair]:
        yield Pair("expiring_certificate", self.certificate(20), self.certificate(200))

    def certificate(self, days: int) -> str:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"in-{days}-days.example")])
        created = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(days)
            .not_valid_before(self.now.replace(tzinfo=None) - timedelta(days=30))
            .not_valid_after(self.now.replace(tzinfo=None) + timedelta(days=days))
            .sign(key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        answer = self.aws("acm").import_certificate(
            Certificate=created.public_bytes(serialization.Encoding.PEM), PrivateKey=private
        )
        return answer["CertificateArn"]

    def old(self) -> Iterator[Pair]:
        """What has stood for longer than it should, and beside it the same, made last week."""
        created = {}
        for age in (200, 7):
            with time_machine.travel(self.now - timedelta(days=age), tick=True):
                user = self.iam.create_user(UserName=f"keys-of-{age}-days")["User"]
                self.iam.create_access_key(UserName=user["UserName"])
                volume = self.volume(encrypted=True, attached=False)
                shot = self.ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
                self.ec2.delete_volume(VolumeId=volume)
                created[age] = [
                    user["Arn"],
                    self.arn(f"snapshot/{shot}"),
                    self.database(f"made-{age}-days-ago"),
                ]
        for check, bad, good in zip(
            ("old_access_key", "old_snapshot", "commit_to_use"), created[200], created[7], strict=True
        ):
            yield Pair(check, bad, good)


NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)

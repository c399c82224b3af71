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


def without_tls(bucket: str) -> dict[str, Any]:
    places = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    without = {"Bool": {"aws:SecureTransport": "false"}}
    return {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": places, "Condition": without}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(principal: Any, **more: Any) -> str:
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})


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
            recent += [*self.strangers(), *self.upkeep(), *self.cheaper()]
        found = [*recent, *self.old()]
        # Moto counts the keys that AWS makes for its services among the customer's.
        kms = self.aws("kms")
        without = {pair.bad for pair in found if pair.check == "key_without_rotation"}
        for key in kms.list_keys()["Keys"]:
            kind = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeySpec"]
            if key["KeyArn"] not in without and kind == "SYMMETRIC_DEFAULT":
                kms.enable_key_rotation(KeyId=key["KeyId"])
        return found

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

    def bucket(
        self,
        name: str,
        *,
        block: bool = True,
        encrypted: bool = True,
        tls: bool = True,
        versions: bool = True,
        rules: bool = True,
    ) -> str:
        self.s3.create_bucket(
            Bucket=name,
            CreateBucketConfiguration={"LocationConstraint": REGION},
            ObjectOwnership="ObjectWriter",
        )
        if encrypted:
            rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
            self.s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
        if tls:
            self.s3.put_bucket_policy(Bucket=name, Policy=document(without_tls(name)))
        if versions:
            self.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        if rules:
            abort = {"DaysAfterInitiation": 7}
            rule = {"ID": "a", "Status": "Enabled", "Filter": {}, "AbortIncompleteMultipartUpload": abort}
            self.s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [rule]})
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
            read = {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
            text = document({"Effect": "Allow", "Principal": principal, **read}, without_tls(name))
            self.s3.put_bucket_policy(Bucket=name, Policy=text)
        yield Pair("public_bucket", bad, good)
        yield Pair("bucket_without_block", self.bucket("unblocked", block=False), self.bucket("blocked"))
        yield Pair("unencrypted_bucket", self.bucket("plain", encrypted=False), self.bucket("encrypted"))
        for check, lacking in (
            ("bucket_without_tls", "tls"),
            ("bucket_without_versions", "versions"),
            ("bucket_without_lifecycle", "rules"),
        ):
            yield Pair(check, self.bucket(f"without-{lacking}", **{lacking: False}), self.bucket(f"with-{lacking}"))

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
        disk = {"VolumeSize": 8, "VolumeType": "gp3", "Encrypted": True}
        (created,) = self.ec2.run_instances(
            ImageId="ami-12c6146b",
            InstanceType=kind,
            MinCount=1,
            MaxCount=1,
            MetadataOptions={"HttpTokens": tokens},
            BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": disk}],
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
                "EngineVersion": "8.4.5",
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
        secure = {"Protocol": "HTTPS", "Port": 443, "Certificates": [{"CertificateArn": self.certificate(300)}]}
        elsewhere = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
        created = {}
        for name in ("empty", "served", "loose", "fast", "plain", "redirecting"):
            (balancer,) = elb.create_load_balancer(Name=name, Subnets=subnets)["LoadBalancers"]
            arn = created[name] = balancer["LoadBalancerArn"]
            (group,) = elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=self.vpc)["TargetGroups"]
            forward = [{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}]
            how = {"Protocol": "HTTP", "Port": 80} if name == "plain" else secure
            elb.create_listener(LoadBalancerArn=arn, **how, DefaultActions=forward)
            if name == "redirecting":
                redirect = [{"Type": "redirect", "RedirectConfig": elsewhere}]
                elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=redirect)
            if name != "empty":
                elb.register_targets(TargetGroupArn=group["TargetGroupArn"], Targets=[{"Id": target}])
            protected = {"Key": "deletion_protection.enabled", "Value": "false" if name == "loose" else "true"}
            elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[protected])
            self.alarm("AWS/ApplicationELB", "LoadBalancer", arn.partition("loadbalancer/")[2])
        yield Pair("idle_balancer", created["empty"], created["served"])
        yield Pair("unprotected_balancer", created["loose"], created["fast"])
        yield Pair("http_balancer", created["plain"], created["redirecting"])

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

    def strangers(self) -> Iterator[Pair]:
        """Whom policies admit; the good ones name everybody too, under a condition."""
        ours = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
        everybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Resource": "*"}
        sqs, sns, kms = self.aws("sqs"), self.aws("sns"), self.aws("kms")
        queues, topics, keys = [], [], []
        root = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Resource": "*",
            "Action": "kms:*",
        }
        for name, condition in (("open", {}), ("closed", {"Condition": ours})):
            url = sqs.create_queue(QueueName=name)["QueueUrl"]
            text = document({**everybody, "Action": "sqs:SendMessage", **condition})
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": text})
            queues.append(f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
            topics.append(sns.create_topic(Name=name)["TopicArn"])
            text = document({**everybody, "Action": "sns:Publish", **condition})
            sns.set_topic_attributes(TopicArn=topics[-1], AttributeName="Policy", AttributeValue=text)
            text = document(root, {**everybody, "Action": "kms:Decrypt", **condition})
            keys.append(kms.create_key(Policy=text)["KeyMetadata"]["Arn"])
            kms.enable_key_rotation(KeyId=keys[-1])
        yield Pair("open_queue", *queues)
        yield Pair("open_topic", *topics)
        yield Pair("open_key", *keys)

        def role(name: str, text: str) -> str:
            return self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=text)["Role"]["Arn"]

        other, secret = {"AWS": "arn:aws:iam::210987654321:root"}, {"StringEquals": {"sts:ExternalId": "f00d"}}
        organisation = {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}
        yield Pair(
            "open_role",
            role("anybody", trust({"AWS": "*"})),
            role("organisation", trust({"AWS": "*"}, Condition=organisation)),
        )
        yield Pair(
            "foreign_account",
            role("partner-without-secret", trust(other)),
            role("partner-with-secret", trust(other, Condition=secret)),
        )
        passing = []
        for name, resource in (("passes-any", "*"), ("passes-one", f"arn:aws:iam::{ACCOUNT}:role/reads-one-bucket")):
            passing.append(role(name, ASSUMED))
            self.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy("iam:PassRole", resource))
        yield Pair("passes_any_role", *passing)
        images = []
        for name in ("image-for-all", "image-for-us"):
            machine = self.machine("t3.micro")
            images.append(self.ec2.create_image(InstanceId=machine, Name=name)["ImageId"])
        self.ec2.modify_image_attribute(
            ImageId=images[0], OperationType="add", UserGroups=["all"], Attribute="launchPermission"
        )
        yield Pair("public_image", *(self.arn(f"image/{each}") for each in images))

    def upkeep(self) -> Iterator[Pair]:
        trails, logs = self.aws("cloudtrail"), self.aws("logs")
        self.bucket("trails")
        arns = []
        for name, is_on in (("stopped", False), ("running", True)):
            given = {"Name": name, "S3BucketName": "trails", "IsMultiRegionTrail": True}
            arns.append(trails.create_trail(**given)["TrailARN"])
            if is_on:
                trails.start_logging(Name=name)
        yield Pair("stopped_trail", *arns)
        self.aws("guardduty").create_detector(Enable=True)
        kms = self.aws("kms")
        keys = [kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2)]
        kms.enable_key_rotation(KeyId=keys[1])
        # AWS rotates no key of this kind.
        kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        yield Pair("key_without_rotation", *keys)
        for name in ("for-ever", "for-a-month"):
            logs.create_log_group(logGroupName=name)
        logs.put_retention_policy(logGroupName="for-a-month", retentionInDays=30)
        group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:"
        yield Pair("logs_for_ever", f"{group}for-ever", f"{group}for-a-month")
        old = self.database("of-2018", EngineVersion="5.7.44")
        yield Pair("old_engine", old, self.database("of-2026", EngineVersion="8.4.5"))
        self.iam.update_account_password_policy(MinimumPasswordLength=16)
        users = []
        for name, count in (("twice", 2), ("once", 1)):
            users.append(self.iam.create_user(UserName=name)["User"]["Arn"])
            for _key in range(count):
                self.iam.create_access_key(UserName=name)
        yield Pair("two_access_keys", *users)

    def cheaper(self) -> Iterator[Pair]:
        machines = [self.machine(kind) for kind in ("m3.large", "m7g.large")]
        yield Pair("old_generation", *(self.arn(f"instance/{each}") for each in machines))
        volumes = []
        for kind in ("gp2", "gp3"):
            place = {"AvailabilityZone": f"{REGION}a", "Size": 10, "Encrypted": True}
            volumes.append(self.ec2.create_volume(**place, VolumeType=kind)["VolumeId"])
            self.ec2.attach_volume(VolumeId=volumes[-1], InstanceId=machines[1], Device=f"/dev/sd{kind[-1]}")
        yield Pair("old_volume_type", *(self.arn(f"volume/{each}") for each in volumes))
        stopped = [self.machine("t3.micro") for _ in range(2)]
        self.ec2.stop_instances(InstanceIds=stopped)
        self.ec2.create_tags(Resources=stopped[1:], Tags=[{"Key": "StoppedByTimetable", "Value": "2026-11-20"}])
        yield Pair("stopped_with_disks", *(self.arn(f"instance/{each}") for each in stopped))
        subnet = self.ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        gateways = [
            self.ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")["NatGateway"]["NatGatewayId"]
            for _ in range(2)
        ]
        for gateway, count in zip(gateways, (0, 5_000_000), strict=True):
            self.busy("AWS/NATGateway", "BytesOutToDestination", "NatGatewayId", gateway, count)
        yield Pair("idle_gateway", *(self.arn(f"natgateway/{each}") for each in gateways))

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

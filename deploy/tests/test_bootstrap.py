"""deploy/bin/bootstrap and doctor on an empty account: what is missing, what is made of it, and what comes next."""

import json
from importlib import import_module

import boto3
import botocore.client
import pytest

from .conftest import listed

ACCOUNT = "123456789012"
READS = ("Get", "List", "Describe", "Head")


class Elsewhere:
    """What moto does not know: Access Analyzer, quotas, cost allocation tags, the block of public snapshots."""

    def __init__(self) -> None:
        self.changes: list[str] = []
        self.analyzers: list[dict] = []
        self.sharing = "unblocked"
        self.tags = {"Environment": "Inactive", "Project": "Active"}
        self.quotas = {"L-1216C47A": 5.0}
        self.asked: dict[str, float] = {}
        self.arn = ""

    def answer(self, operation: str, given: dict) -> dict | None:
        if not operation.startswith(READS):
            self.changes.append(operation)
        match operation:
            case "GetCallerIdentity" if self.arn:
                return {"Account": ACCOUNT, "Arn": self.arn}
            case "ListAnalyzers":
                return {"analyzers": self.analyzers}
            case "CreateAnalyzer":
                self.analyzers.append({"status": "ACTIVE"})
            case "GetSnapshotBlockPublicAccessState":
                return {"State": self.sharing}
            case "EnableSnapshotBlockPublicAccess":
                self.sharing = given["State"]
            case "ListCostAllocationTags":
                return {"CostAllocationTags": [{"TagKey": tag, "Status": status} for tag, status in self.tags.items()]}
            case "UpdateCostAllocationTagsStatus":
                self.tags |= {one["TagKey"]: one["Status"] for one in given["CostAllocationTagsStatus"]}
            case "GetServiceQuota":
                return {"Quota": {"Value": self.quotas.get(given["QuotaCode"], 100.0)}}
            case "RequestServiceQuotaIncrease":
                self.asked[given["QuotaCode"]] = given["DesiredValue"]
            case "ListRequestedServiceQuotaChangeHistoryByQuota":
                desired = self.asked.get(given["QuotaCode"])
                return {"RequestedQuotas": [{"Status": "PENDING", "DesiredValue": desired}] if desired else []}
            case _:
                return None
        return {}


@pytest.fixture
def elsewhere(aws, monkeypatch) -> Elsewhere:
    found, real = Elsewhere(), botocore.client.BaseClient._make_api_call

    def call(self, operation: str, given: dict) -> dict:
        listed(self, operation)
        answer = found.answer(operation, given)
        return real(self, operation, given) if answer is None else answer

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)
    return found


@pytest.fixture
def bootstrap(step, elsewhere, monkeypatch, capsys):
    def run(*more: str, account: str = ACCOUNT) -> tuple[int, str]:
        arguments = [
            "--account",
            account,
            "--email",
            "a@shop.example",
            "--budget",
            "1500",
            "--repository",
            "owner/shop",
        ]
        monkeypatch.setattr("sys.argv", ["bootstrap", *arguments, *more])
        return step("bootstrap").main(), capsys.readouterr().err

    return run


def refused():
    return import_module("release").Refused


def states() -> dict:
    s3, bucket = boto3.client("s3"), f"webmarket-states-{ACCOUNT}"
    return {
        "versions": s3.get_bucket_versioning(Bucket=bucket)["Status"],
        "block": all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()),
        "policy": json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"][0]["Condition"],
    }


def test_an_empty_account_gets_all_but_what_aws_must_grant(bootstrap, elsewhere):
    code, says = bootstrap()
    assert code == 1
    assert "not yet: processors of standard instances: 5, of 32: asked for, and AWS has not answered" in says
    assert elsewhere.asked == {"L-1216C47A": 32.0}
    elsewhere.quotas["L-1216C47A"] = 32.0
    assert bootstrap()[0] == 0
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    assert states() == {"versions": "Enabled", "block": True, "policy": plain}
    assert boto3.client("cloudtrail").get_trail_status(Name="webmarket-account")["IsLogging"]
    assert boto3.client("s3control").get_public_access_block(AccountId=ACCOUNT)["PublicAccessBlockConfiguration"]
    assert elsewhere.sharing == "block-all-sharing"
    assert set(elsewhere.tags.values()) == {"Active"}


def test_a_second_run_changes_nothing(bootstrap, elsewhere):
    elsewhere.quotas["L-1216C47A"] = 32.0
    assert bootstrap()[0] == 0
    changed = list(elsewhere.changes)
    assert changed
    assert bootstrap()[0] == 0
    assert elsewhere.changes == changed


def test_a_dry_run_changes_nothing_and_says_what_it_would(bootstrap, elsewhere):
    code, says = bootstrap("--dry-run")
    assert code == 0
    assert elsewhere.changes == []
    for what in ("create the bucket webmarket-states", "let GuardDuty look", "record every call", "draw the boundary"):
        assert f"would {what}" in says


def test_what_somebody_undid_is_made_again(bootstrap, elsewhere):
    elsewhere.quotas["L-1216C47A"] = 32.0
    bootstrap()
    del elsewhere.changes[:]
    boto3.client("s3").put_bucket_versioning(
        Bucket=f"webmarket-states-{ACCOUNT}", VersioningConfiguration={"Status": "Suspended"}
    )
    boto3.client("cloudtrail").stop_logging(Name="webmarket-account")
    code, says = bootstrap()
    assert code == 0
    assert "the trail is there, and stopped" in says
    assert states()["versions"] == "Enabled"
    assert boto3.client("cloudtrail").get_trail_status(Name="webmarket-account")["IsLogging"]


def test_the_boundary_is_drawn_anew_and_keeps_five_versions(bootstrap, elsewhere):
    elsewhere.quotas["L-1216C47A"] = 32.0
    bootstrap()
    iam, arn = boto3.client("iam"), f"arn:aws:iam::{ACCOUNT}:policy/webmarket-account-boundary"
    other = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    for _number in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=other, SetAsDefault=True)
    assert bootstrap()[0] == 0
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    default = next(one["VersionId"] for one in versions if one["IsDefaultVersion"])
    document = iam.get_policy_version(PolicyArn=arn, VersionId=default)["PolicyVersion"]["Document"]
    assert len(versions) == 5
    assert {"NeverBlind", "NeverOpen", "NeverLeave"} <= {one["Sid"] for one in document["Statement"]}


def test_another_account_and_root_are_refused(bootstrap, elsewhere):
    with pytest.raises(refused(), match="not of 999999999999"):
        bootstrap(account="999999999999")
    elsewhere.arn = f"arn:aws:iam::{ACCOUNT}:root"
    with pytest.raises(refused(), match="root's credentials"):
        bootstrap()
    assert elsewhere.changes == []


@pytest.fixture
def doctor(step, elsewhere, monkeypatch, capsys):
    def run() -> tuple[int, str, str]:
        """Its code, the first line that is missing, and what it says is next."""
        monkeypatch.setattr("sys.argv", ["doctor", "--environment", "staging"])
        code = step("doctor").main()
        lines = capsys.readouterr().out.splitlines()
        first = next((line.split(maxsplit=1)[1] for line in lines if line.startswith("missing")), "")
        return code, first, lines[-1]

    return run


def test_the_doctor_says_what_comes_next(bootstrap, doctor, elsewhere):
    ssm, secrets = boto3.client("ssm"), boto3.client("secretsmanager")
    assert doctor()[:2] == (1, "account")
    elsewhere.quotas["L-1216C47A"] = 32.0
    bootstrap()
    # Budgets and the pipeline are asked of who runs bootstrap, who knows how much and where.
    assert doctor() == (1, "image", "Next: deploy/bin/build_image --release v1.0.0")
    ssm.put_parameter(Name="/webmarket/images/v1.0.0", Value="ami-0aaaaaaaaaaaaaaaa", Type="String")
    assert doctor()[1] == "applied"
    applied()
    assert doctor()[1] == "secrets"
    for name in ("secret-key", "email-url"):
        secrets.create_secret(Name=f"/webmarket/staging/{name}", SecretString="value")
    assert doctor()[1] == "alarms heard"
    topic = boto3.client("sns").create_topic(Name="webmarket-staging-alarms")["TopicArn"]
    boto3.client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="a@shop.example")
    assert doctor() == (1, "released", "Next: deploy/bin/roll_out --release v1.0.0")
    ssm.put_parameter(Name="/webmarket/staging/release", Value='{"release": "v1.0.0"}', Type="String")
    assert doctor() == (0, "", "webmarket-staging is served.")
    alarm = {"MetricName": "BeatHeartbeat", "Namespace": "WebMarket/staging", "Period": 60, "EvaluationPeriods": 1}
    boto3.client("cloudwatch").put_metric_alarm(
        AlarmName="webmarket-staging-no-heartbeat",
        AlarmDescription="No beat has run",
        Threshold=1.0,
        **alarm,
        ComparisonOperator="LessThanThreshold",
        Statistic="Sum",
    )
    boto3.client("cloudwatch").set_alarm_state(
        AlarmName="webmarket-staging-no-heartbeat", StateValue="ALARM", StateReason="silence"
    )
    assert doctor() == (1, "quiet", "Next: the alarm's page in docs/runbooks/")


def applied() -> None:
    """The fleets, empty ones, and the database, as Terraform makes them."""
    ec2, autoscaling = boto3.client("ec2"), boto3.client("autoscaling")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    for role in ("web", "workers"):
        name = f"webmarket-staging-{role}"
        ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData={"ImageId": "ami-0aaaaaaaaaaaaaaaa"})
        autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=0,
            MaxSize=1,
            LaunchTemplate={"LaunchTemplateName": name},
            VPCZoneIdentifier=subnet,
        )
    boto3.client("rds").create_db_instance(
        DBInstanceIdentifier="webmarket-staging",
        DBInstanceClass="db.t4g.small",
        Engine="mysql",
        MasterUsername="shop",
        MasterUserPassword="password",
        AllocatedStorage=20,
    )

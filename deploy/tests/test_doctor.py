"""deploy/bin/doctor says what is missing, and what comes next."""

import boto3
import pytest


@pytest.fixture
def doctor(step, beyond_moto, monkeypatch, capsys):
    def run(*more: str) -> tuple[int, str, str]:
        """Its code, the first line that is missing, and what it says is next."""
        monkeypatch.setattr("sys.argv", ["doctor", "--environment", "staging", *more])
        code = step("doctor").main()
        lines = capsys.readouterr().out.splitlines()
        first = next((line.split(maxsplit=1)[1] for line in lines if line.startswith("missing")), "")
        return code, first, lines[-1]

    return run


def test_the_doctor_says_what_comes_next(bootstrap, doctor, beyond_moto):
    ssm, secrets = boto3.client("ssm"), boto3.client("secretsmanager")
    assert doctor()[:2] == (1, "account")
    beyond_moto.quotas["L-1216C47A"] = 32.0
    bootstrap()
    # Budgets and the pipeline are asked of who runs bootstrap, who knows how much and where.
    assert doctor()[1] == "domain"
    boto3.client("route53").create_hosted_zone(Name="shop.example", CallerReference="one")
    here = ("--domain", "staging.shop.example")
    assert doctor(*here)[1] == "mail"
    boto3.client("sesv2").create_email_identity(EmailIdentity="staging.shop.example")
    beyond_moto.keys_found = True
    assert doctor(*here)[1] == "mail"
    boto3.client("sesv2").put_account_details(
        ProductionAccessEnabled=True, MailType="TRANSACTIONAL", WebsiteURL="https://staging.shop.example"
    )
    assert doctor(*here) == (1, "image", "Next: deploy/bin/build_image --release v1.0.0")
    ssm.put_parameter(Name="/webmarket/images/v1.0.0", Value="ami-0aaaaaaaaaaaaaaaa", Type="String")
    assert doctor(*here)[1] == "applied"
    applied()
    # From now on hosts are told the domain.
    assert doctor()[1] == "secrets"
    for name in ("secret-key", "email-url"):
        secrets.create_secret(Name=f"/webmarket/staging/{name}")
    assert doctor()[1] == "secrets"
    for name in ("secret-key", "email-url"):
        secrets.put_secret_value(SecretId=f"/webmarket/staging/{name}", SecretString="value")
    assert doctor()[1] == "alarms heard"
    topic = boto3.client("sns").create_topic(Name="webmarket-staging-alarms")["TopicArn"]
    boto3.client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="a@shop.example")
    assert doctor()[1] == "alarms heard"
    beyond_moto.confirmed = True
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


@pytest.mark.parametrize("zone", ["staging.shop.example", "shop.example"])
def test_a_zone_of_the_domain_or_above_it_will_do(bootstrap, doctor, beyond_moto, zone):
    beyond_moto.quotas["L-1216C47A"] = 32.0
    bootstrap()
    route53 = boto3.client("route53")
    route53.create_hosted_zone(Name="other-shop.example", CallerReference="other")
    assert doctor("--domain", "staging.shop.example")[1] == "domain"
    route53.create_hosted_zone(Name=zone, CallerReference="one")
    assert doctor("--domain", "staging.shop.example")[1] == "mail"


def applied() -> None:
    """The fleets, empty ones, the database and the domain's name, as Terraform makes them."""
    site = {"Name": "/webmarket/staging/settings/SITE_URL", "Value": "https://staging.shop.example"}
    boto3.client("ssm").put_parameter(**site, Type="SecureString")
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

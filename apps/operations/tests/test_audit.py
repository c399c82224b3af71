import json
import resource
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import IntegrityError, transaction

from apps.accounts.tests.factories import UserFactory
from apps.operations.errors import BadFile
from apps.operations.models import AuditFinding, OperationRun
from apps.operations.runs.report import Reporter
from apps.operations.services.audit.audit import _write as write
from apps.operations.services.audit.audit import audit, judge
from apps.operations.services.audit.inventory import Inventory
from apps.operations.services.audit.ledger import Scope
from apps.operations.services.audit.prowler import read_prowler

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
OF_AN_EMPTY_ACCOUNT = {
    "account_without_block",
    "disks_plain_by_default",
    "guardduty_off",
    "no_budget",
    "no_trail",
    "open_default_group",
    "root_without_mfa",
    "vpc_without_flow_logs",
}
pytestmark = [pytest.mark.django_db, pytest.mark.either_database]


def run(**changes):
    """The whole audit, on moto."""
    files = {"prowler": "", "ocsf": "", "html": ""}
    options = {"fail_on": "high", "regions": "", **files, "dry_run": False, "now": NOW} | changes
    return audit(**options, report=Reporter())


def group(*ports: int) -> dict:
    """A security group that lets the world in."""
    rules = [
        {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]} for port in ports
    ]
    arn = "arn:aws:ec2:eu-west-3:123456789012:security-group/sg-1"
    return {"Arn": arn, "Region": "eu-west-3", "GroupId": "sg-1", "GroupName": "ssh", "IpPermissions": rules}


def judged(*groups: dict, now=NOW, regions=("eu-west-3",), theirs=None, dry_run=False, fail_on="high") -> dict:
    """An audit of an account that has nothing but these groups."""
    inventory = Inventory(account="123456789012", now=now, groups=list(groups))
    scope = Scope(regions=list(regions), unread=[], has_prowler=theirs is not None)
    return judge(inventory=inventory, scope=scope, explorer=None, theirs=theirs or [], fail_on=fail_on, dry_run=dry_run)


def described(data: dict, check: str) -> dict:
    (found,) = (each for each in data["findings"] if each["check"] == check)
    return found


@pytest.fixture
def open_account(aws, settings) -> None:
    """One region, with one security group that lets the world in by SSH."""
    settings.OPERATIONS = {**settings.OPERATIONS, "backup_region": ""}
    ec2 = aws("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    created = ec2.create_security_group(GroupName="ssh", Description="ssh", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=created, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")


class TestSinceTheLastRun:
    def test_a_finding_is_new_once_then_known_then_gone_then_new_again(self):
        assert described(judged(group(22)), "open_admin_port")["is_new"]
        assert not described(judged(group(22), now=NOW + timedelta(days=7)), "open_admin_port")["is_new"]
        row = AuditFinding.objects.get(check_name="open_admin_port")
        assert (row.first_seen_at, row.last_seen_at) == (NOW, NOW + timedelta(days=7))
        closed = judged(now=NOW + timedelta(days=14))
        assert [each["check"] for each in closed["gone"]] == ["open_admin_port"]
        row.refresh_from_db()
        assert row.gone_at == NOW + timedelta(days=14)
        assert judged(now=NOW + timedelta(days=21))["gone"] == []
        assert described(judged(group(22), now=NOW + timedelta(days=28)), "open_admin_port")["is_new"]

    def test_a_dry_run_keeps_nothing(self):
        assert described(judged(group(22), dry_run=True), "open_admin_port")["is_new"]
        assert not AuditFinding.objects.exists()

    def test_what_another_region_holds_is_not_gone_when_it_is_not_looked_at(self):
        judged(group(22))
        assert judged(regions=["eu-central-1"])["gone"] == []


class TestAccepted:
    def accept(self, until: date) -> None:
        AuditFinding.objects.update(accepted_reason="Le bastion ferme vendredi.", accepted_until_date=until)

    def test_what_is_accepted_does_not_fail_the_audit_until_its_day_is_over(self):
        judged(group(22))
        self.accept(date(2026, 12, 1))
        data = judged(group(22))
        assert data["failing"] == 0
        assert described(data, "open_admin_port")["accepted"]["reason"] == "Le bastion ferme vendredi."
        assert data["counts"]["HIGH"] == 0
        assert judged(group(22), now=datetime(2026, 12, 1, 12, tzinfo=UTC))["failing"] == 0
        over = judged(group(22), now=datetime(2026, 12, 2, 12, tzinfo=UTC))
        assert over["failing"] == 1
        assert described(over, "open_admin_port")["is_expired"]

    def test_the_database_wants_a_reason_and_a_day(self):
        judged(group(22))
        for half in ({"accepted_reason": "Parce que."}, {"accepted_until_date": date(2026, 12, 1)}):
            with pytest.raises(IntegrityError), transaction.atomic():
                AuditFinding.objects.update(**half)

    @time_machine.travel(NOW, tick=False)
    def test_staff_accept_in_the_admin(self, client):
        judged(group(22))
        row = AuditFinding.objects.get(check_name="open_admin_port")
        user = UserFactory(is_staff=True)
        rights = ["view_auditfinding", "change_auditfinding"]
        user.user_permissions.set(Permission.objects.filter(codename__in=rights))
        client.force_login(user)
        url = f"/admin/operations/auditfinding/{row.pk}/change/"
        assert "groupe" in client.get(url).content.decode()
        assert client.get("/admin/operations/auditfinding/?state=open").status_code == 200
        half = client.post(url, {"accepted_reason": "", "accepted_until_date": "2026-12-01"})
        late = client.post(url, {"accepted_reason": "Plus tard.", "accepted_until_date": "2031-12-01"})
        assert (half.status_code, late.status_code) == (200, 200)
        row.refresh_from_db()
        assert row.accepted_until_date is None
        assert "un ne va pas sans" in half.content.decode()
        done = client.post(url, {"accepted_reason": "Plus tard.", "accepted_until_date": "2026-12-01"})
        assert done.status_code == 302
        row.refresh_from_db()
        assert (row.accepted_by, row.accepted_until_date) == (user, date(2026, 12, 1))


@pytest.fixture
def refusing(monkeypatch, aws_server):
    """AWS refuses one call, whoever asks."""

    def refuse(call: str):
        import boto3

        original = boto3.session.Session.client

        def client_of(self, *given, **options):
            client = original(self, *given, **options)

            def answer(model, **_):
                if model.name == call:
                    response = type("Response", (), {"status_code": 403, "headers": {}, "raw": None})()
                    return response, {"Error": {"Code": "AccessDenied", "Message": "no"}, "ResponseMetadata": {}}
                return None

            client.meta.events.register("before-call", answer)
            return client

        monkeypatch.setattr(boto3.session.Session, "client", client_of)

    return refuse


class TestRefused:
    def test_a_service_that_refuses_is_named_and_the_rest_is_audited(self, open_account, refusing):
        judged(group(22))
        refusing("DescribeSecurityGroups")
        refusing("GetCostAndUsage")
        outcome = run()
        assert not outcome.data["is_complete"]
        assert "incomplet" in outcome.message
        # Without Cost Explorer an audit is complete.
        assert described(outcome.data, "not_audited")["resource"] == "ec2:DescribeSecurityGroups"
        assert {"right": "ce:GetCostAndUsage", "is_optional": True}.items() <= outcome.data["unread"][-1].items()
        assert described(outcome.data, "root_without_mfa")
        # It may still be there.
        assert outcome.data["gone"] == []

    def test_a_caller_that_aws_does_not_know_ends_the_audit(self, aws, monkeypatch):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        errors = StringIO()
        with pytest.raises(SystemExit) as ended:
            call_command("audit_infra", stdout=StringIO(), stderr=errors)
        assert ended.value.code == 1
        assert "aws sso login" in errors.getvalue()

    def test_an_aws_that_does_not_answer_ends_the_audit(self, aws, monkeypatch):
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        errors = StringIO()
        with pytest.raises(SystemExit) as ended:
            call_command("audit_infra", stdout=StringIO(), stderr=errors)
        assert ended.value.code == 1
        assert "AWS ne répond pas" in errors.getvalue()


def prowler_record(check: str, resource: str, **changes) -> dict:
    return {
        "status_code": "FAIL",
        "status": "New",
        "status_detail": "Something is open.",
        "severity": "Critical",
        "metadata": {"event_code": check},
        "finding_info": {"title": check, "desc": "…", "uid": f"prowler-{check}"},
        "resources": [{"uid": resource, "name": resource, "region": "eu-west-3"}],
        "cloud": {"region": "eu-west-3"},
        "remediation": {"desc": "Close it."},
    } | changes


class TestProwler:
    PORT = "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22"

    def written(self, tmp_path, *records) -> str:
        path = tmp_path / "prowler.ocsf.json"
        path.write_text(json.dumps(list(records)))
        return str(path)

    def test_adds_what_only_it_knows_and_doubles_nothing(self, tmp_path):
        trail = "arn:aws:cloudtrail:eu-west-3:123456789012:trail/none"
        path = self.written(
            tmp_path,
            prowler_record(self.PORT, group()["Arn"]),
            prowler_record("cloudtrail_multi_region_enabled", trail, severity="Low"),
            prowler_record("s3_bucket_public_access", "arn:aws:s3:::fine", status_code="PASS"),
            prowler_record("s3_bucket_public_access", "arn:aws:s3:::muted", status="Suppressed"),
        )
        data = judged(group(22), theirs=read_prowler(path))
        both = described(data, "open_admin_port")
        assert (both["sources"], both["severity"]) == (("audit", "prowler"), "CRITICAL")
        assert described(data, "prowler:cloudtrail_multi_region_enabled")["remedy"] == "Close it."
        found = {each["check"] for each in data["findings"]}
        assert found == {"open_admin_port", "prowler:cloudtrail_multi_region_enabled"}

    def test_what_it_alone_saw_is_not_gone_because_it_was_not_asked(self, tmp_path):
        path = self.written(tmp_path, prowler_record("vpc_peering", "arn:aws:ec2:eu-west-3:1:vpc/v"))
        judged(theirs=read_prowler(path))
        assert judged()["gone"] == []
        assert len(judged(theirs=[])["gone"]) == 1

    @pytest.mark.parametrize("content", ['[{"status_code": "FAIL"', "{}", '[{"status_code": "FAIL"}]', "[3]"])
    def test_refuses_what_is_not_its_output(self, tmp_path, content):
        path = tmp_path / "prowler.json"
        path.write_text(content)
        with pytest.raises(BadFile):
            run(prowler=str(path))
        with pytest.raises(BadFile):
            run(prowler=str(tmp_path / "none.json"))


class TestCommand:
    def ended(self, *arguments: str) -> tuple[int, str, str]:
        out, errors = StringIO(), StringIO()
        try:
            call_command("audit_infra", *arguments, stdout=out, stderr=errors)
        except SystemExit as end:
            return int(end.code or 0), out.getvalue(), errors.getvalue()
        return 0, out.getvalue(), errors.getvalue()

    def test_json_ocsf_page_and_exit_code_of_one_audit(self, open_account, tmp_path):
        ocsf, html = tmp_path / "findings.json", tmp_path / "audit.html"
        code, out, _errors = self.ended("--json", "--ocsf", str(ocsf), "--html", str(html))
        answer = json.loads(out)
        assert code == 1
        assert "critiques 1" in answer["message"]
        findings = answer["result"]["findings"]
        assert {each["check"] for each in findings} == {"open_admin_port", *OF_AN_EMPTY_ACCOUNT}
        records = json.loads(ocsf.read_text())
        assert {each["class_uid"] for each in records} == {2004}
        (record,) = [each for each in records if each["metadata"]["event_code"] == "open_admin_port"]
        assert (record["severity"], record["finding_info"]["types"]) == ("High", ["CIS 5.2, 5.3, FSBP EC2.53, EC2.54"])
        # Our own file comes back as it was written.
        assert {each.key for each in read_prowler(str(ocsf))} == {each["key"] for each in findings}
        page = html.read_text()
        for words in ("laisse entrer le monde entier", "<svg"):
            assert words in page
        # It stands alone.
        assert "<script" not in page
        assert "http://" not in page.replace("http://www.w3.org", "")

    def test_how_severe_a_finding_must_be_to_fail_it(self):
        failing = {each: judged(group(22), fail_on=each)["failing"] for each in ("never", "critical", "high", "medium")}
        assert failing == {"never": 0, "critical": 0, "high": 1, "medium": 1}

    def test_files_that_cannot_be_written_are_refused_before_aws_is_asked(self, tmp_path):
        assert self.ended("--html", str(tmp_path / "none" / "audit.html"))[0] == 2
        assert self.ended("--ocsf", str(tmp_path))[0] == 2

    def test_a_file_on_a_full_disk_is_written_whole_or_not_at_all(self, tmp_path):
        """A limit of the process stands for it: a small disk cannot be had without mounting one."""
        (tmp_path / "findings.json").write_text("before")
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
        try:
            with pytest.raises(BadFile, match="ne s’écrit pas"):
                write(str(tmp_path / "findings.json"), "after" * 10_000)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert [path.name for path in tmp_path.iterdir()] == ["findings.json"]
        assert (tmp_path / "findings.json").read_text() == "before"

    def test_the_admin_shows_the_page_without_anything_inline(self, client):
        user = UserFactory(is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename="view_operationrun"))
        client.force_login(user)
        result = json.loads(json.dumps(judged(group(22))))
        run = OperationRun.objects.create(operation="audit_infra", pid=1, result=result, started_at=NOW, expires_at=NOW)
        url = f"/admin/operations/operationrun/{run.pk}/audit/"
        assert url in client.get(f"/admin/operations/operationrun/{run.pk}/change/").content.decode()
        page = client.get(url).content.decode()
        assert "laisse entrer le monde entier" in page
        assert "<style" not in page
        assert "style=" not in page

    def test_files_of_a_machine_are_not_for_the_admin(self, client):
        user = UserFactory(is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=["view_operationrun", "start_operation"]))
        client.force_login(user)
        page = client.get("/admin/operations/operationrun/start/audit_infra/").content.decode()
        assert "fail_on" in page
        assert 'name="html"' not in page

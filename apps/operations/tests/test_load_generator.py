import json
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile

from apps.accounts.tests.factories import UserFactory
from apps.common.documents import documents
from apps.operations.errors import OperationFailed
from apps.operations.models import OperationRun
from apps.operations.runs.report import Reporter
from apps.operations.services.loadtest import generator, load_generator
from apps.operations.services.loadtest.cloudwatch import watch_fleet
from apps.operations.services.loadtest.comparison import Compared
from apps.operations.services.loadtest.report import report_page
from apps.operations.services.loadtest.shelf import report, report_before
from apps.operations.services.loadtest.summary import percentile, summarise
from apps.operations.services.loadtest.target import find_target

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "deploy" / "loadtest"))

from measured import Batch, Limits, Measured

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ASKED = {"rate": 5.0, "ramp": 0, "seconds": 5, "think": 0.0, "buy": 10, "p95": 500, "p99": 2000, "failures": 1.0}
ASKED |= {"abort_p95": None, "abort_failures": None, "abort_after": 10, "generators": 1}
# In place of deploy/loadtest/generate.py, which needs Locust: it measures what it is told to have measured.
STAND_IN = """
import json, signal, sys, time
from pathlib import Path
def stop(*_):
    raise KeyboardInterrupt
signal.signal(signal.SIGINT, stop)
measured = json.loads(Path(__file__).with_name("to-measure.json").read_text())
Path(__file__).with_name("arguments.json").write_text(json.dumps(sys.argv))
try:
    for second in range(1, measured.pop("lasts", 1) + 1):
        told = {"second": second, "arrivals": 5, "active": 3, "requests": 7, "p50": 9, "p95": 40, "errors": 0}
        print(json.dumps(told))
        sys.stdout.flush()
        time.sleep(measured.get("pause", 0))
except KeyboardInterrupt:
    measured["errors"] = {"stopped": 1}
if measured.get("fails"):
    sys.exit("no route to the shop")
Path(sys.argv[sys.argv.index("--output") + 1]).write_text(json.dumps(measured))
"""


def measured(*, milliseconds=20.0, failed=0, of=100, lag=1.0, **more):
    answers = [[number // 20, "home", milliseconds, number >= failed] for number in range(of)]
    measures = {
        "started": NOW.timestamp(),
        "seconds": 5,
        "answers": answers,
        "arrivals": {"0": 3, "4": 7},
        "active": {},
    }
    return {**measures, "lag_p99": lag, "orders": {"demo_card": 2}, "errors": {}, **more}


@pytest.fixture
def shop(settings, tmp_path, monkeypatch):
    """`shop(measured)` loads a shop with a generator that measures this."""
    home = tmp_path / "deploy" / "loadtest"
    home.mkdir(parents=True)
    (home / "generate.py").write_text(STAND_IN)
    settings.VAR_DIR = tmp_path / "var"
    settings.BASE_DIR = tmp_path
    on_disk = {
        "BACKEND": "apps.common.documents.DocumentsOnDisk",
        "OPTIONS": {"location": tmp_path / "documents"},
    }
    settings.STORAGES = {**settings.STORAGES, "documents": on_disk}
    settings.OPERATIONS = {**settings.OPERATIONS, "load_test_hosts": ["shop.example"]}
    monkeypatch.setattr(load_generator, "generator_python", lambda report: sys.executable)

    def load(measures, *, report=None, group="", **changes):
        (home / "to-measure.json").write_text(json.dumps(measures))
        return load_generator.load_generator(
            url="https://shop.example/",
            environment="",
            group=group,
            dry_run=False,
            report=report or Reporter(),
            now=NOW,
            **{**ASKED, **changes},
        )

    load.arguments = lambda: (home / "arguments.json").read_text()
    return load


class TestTarget:
    @pytest.mark.parametrize(
        "url", ["https://webmarket.fr", "https://shop.example.evil.fr", "https://evil.fr#shop.example"]
    )
    def test_a_host_that_is_not_allowed_is_refused(self, settings, url):
        settings.OPERATIONS = {**settings.OPERATIONS, "load_test_hosts": ["shop.example"]}
        with pytest.raises(OperationFailed, match="LOAD_TEST_HOSTS"):
            find_target(url=url, environment="", group="")

    def test_who_names_nobody_is_told_how(self):
        with pytest.raises(OperationFailed, match="--url"):
            find_target(url="", environment="", group="")

    def test_terraform_tells_the_balancer_and_its_instances(self, settings, tmp_path, monkeypatch):
        (tmp_path / "terraform" / "environments" / "staging").mkdir(parents=True)
        settings.BASE_DIR = tmp_path
        settings.OPERATIONS = {**settings.OPERATIONS, "load_test_hosts": ["alb.example"]}
        outputs = {"alb_dns_name": {"value": "alb.example"}, "asg_names": {"value": {"web": "webmarket-staging-web"}}}
        done = subprocess.CompletedProcess([], 0, stdout=json.dumps(outputs), stderr="")
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
        target = find_target(url="", environment="staging", group="")
        assert (target.url, target.group) == ("https://alb.example", "webmarket-staging-web")

    @pytest.mark.parametrize(
        ("environment", "done", "message"),
        [
            ("elsewhere", None, "elsewhere"),
            (
                "staging",
                subprocess.CompletedProcess([], 1, stdout="", stderr="╷\n│ Error: No state file was found!\n│\n╵"),
                "r: No state file was found!$",
            ),
            ("staging", subprocess.CompletedProcess([], 0, stdout="{}", stderr=""), "terraform init"),
            ("staging", FileNotFoundError(), "terraform"),
            ("staging", subprocess.TimeoutExpired("terraform", 1), "--url"),
        ],
    )
    def test_what_terraform_cannot_tell_is_said(self, settings, tmp_path, monkeypatch, environment, done, message):
        (tmp_path / "terraform" / "environments" / "staging").mkdir(parents=True)
        settings.BASE_DIR = tmp_path

        def run(*_, **__):
            if isinstance(done, Exception):
                raise done
            return done

        monkeypatch.setattr(subprocess, "run", run)
        with pytest.raises(OperationFailed, match=message):
            find_target(url="", environment=environment, group="")


class TestVerdict:
    def test_a_shop_that_keeps_up(self, shop):
        report = Reporter()
        outcome = shop(measured(), report=report)
        assert outcome.ok
        assert (outcome.data["count"], outcome.data["p95"], outcome.data["orders"]) == (100, 20.0, {"demo_card": 2})
        assert "Commandes laissées dans la boutique : 2." in "\n".join(report.lines).replace("\u202f", " ")

    @pytest.mark.parametrize(
        ("measures", "message"),
        [
            ({"milliseconds": 600}, "p95"),
            ({"milliseconds": 2500}, "p99"),
            ({"failed": 2}, "échoué"),
            ({"lag": 400.0}, "retard"),
            ({"of": 0}, "Personne"),
        ],
    )
    def test_each_threshold_fails_it(self, shop, measures, message):
        outcome = shop(measured(**measures))
        assert not outcome.ok
        assert message in outcome.message

    def test_a_threshold_just_held_is_held(self, shop):
        assert shop(measured(milliseconds=500.0, failed=1)).ok

    def test_a_generator_that_fails_says_why(self, shop):
        with pytest.raises(OperationFailed, match="no route to the shop"):
            shop(measured(fails=True))

    def test_ctrl_c_keeps_what_was_measured(self, shop):
        timer = threading.Timer(1.0, lambda: signal.raise_signal(signal.SIGINT))
        timer.start()
        outcome = shop(measured(lasts=60, pause=0.5))
        assert outcome.data["count"] == 100


class TestReport:
    def test_it_says_what_was_measured_and_loads_nothing(self, shop, settings):
        page = settings.VAR_DIR / "loadtest" / "2026-11-21T12-00-00" / "report.html"
        shop(measured(errors={"<script>": 3}))
        text = page.read_text()
        assert "&lt;script&gt;" in text
        for outside in ("http-equiv", "<script", "<link", "src=", "url("):
            assert outside not in text
        (stored,) = (settings.BASE_DIR / "documents" / "load-tests" / "shop.example").glob("*.json")
        assert json.loads(stored.read_text())["all"]["count"] == 100
        assert stored.with_suffix(".html").read_text() == text

    def test_instances_and_processors_stand_beside_the_latency(self, shop, settings, aws):
        cloudwatch = aws("cloudwatch")
        for namespace, metric, value in (
            ("AWS/AutoScaling", "GroupInServiceInstances", 3),
            ("AWS/EC2", "CPUUtilization", 64),
        ):
            dimensions = [{"Name": "AutoScalingGroupName", "Value": "web"}]
            data = {"MetricName": metric, "Dimensions": dimensions, "Timestamp": NOW, "Value": value}
            cloudwatch.put_metric_data(Namespace=namespace, MetricData=[data])
        measures = report(shop(measured(), group="web").data["report_name"])
        assert [value for _, value in measures["fleet"]["instances"]] == [3]
        assert [value for _, value in measures["fleet"]["cpu"]] == [64]
        fleet = watch_fleet(group="other", began=NOW, ended=NOW + timedelta(seconds=5))
        assert fleet.instances == []

    def test_without_cloudwatch_there_is_a_report_all_the_same(self, shop, monkeypatch):
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        report = Reporter()
        assert shop(measured(), group="web", report=report).ok
        assert any("CloudWatch" in line for line in report.lines)


class TestWithTheOneBefore:
    def test_the_next_is_compared_with_it(self, shop):
        first = shop(measured(milliseconds=100.0))
        assert first.data["compared"] == []
        lines = Reporter()
        later = measured(milliseconds=150.0, failed=1, of=120) | {"started": NOW.timestamp() + 3600, "seconds": 6}
        second = shop(later, report=lines, rate=6.0)
        differences = {each["name"]: each["difference"] for each in second.data["compared"]}
        assert (differences["requêtes"], differences["p50"], differences["p95"]) == (20, 50.0, 50.0)
        assert differences["erreurs"] == 0.83
        assert any(
            "p95" in line and "100,0 → 150,0 ms" in line and "+50" in line and "pire" in line for line in lines.lines
        )
        page = report_page(report(second.data["report_name"]))
        for words in ("Avec l’essai d’avant", "visiteurs par seconde, 5,0 alors, 6,0 cette fois", "+50"):
            assert words in page
        assert "before" not in report(second.data["report_name"])["before"]

    def test_one_of_another_shop_or_a_later_one_is_none(self, shop, settings):
        shop(measured())
        assert report_before(host="other.example", began=NOW + timedelta(days=1)) is None
        assert report_before(host="shop.example", began=NOW) is None
        assert report_before(host="shop.example", began=NOW + timedelta(seconds=1))["all"]["count"] == 100

    def test_what_is_no_report_is_passed_by(self, shop):
        shop(measured())
        documents().save("load-tests/shop.example/2026-11-22T00-00-00.json", ContentFile(b"{"))
        assert report_before(host="shop.example", began=NOW + timedelta(days=9))["all"]["count"] == 100

    def test_small_differences_are_neither_better_nor_worse(self):
        assert not Compared("p95", "ms", 100, 104).is_worse
        assert Compared("p95", "ms", 100, 106).is_worse
        assert Compared("p95", "ms", 100, 90).is_better
        assert Compared("errors", "%", 0, 0.1).is_worse
        assert not Compared("requests", "", 100, 10, None).is_worse


class TestStored:
    @pytest.fixture
    def bucket(self, shop, aws, settings):
        aws("s3").create_bucket(Bucket="files", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
        options = {"bucket_name": "files", "region_name": "eu-west-3", "location": "documents", "file_overwrite": False}
        backend = {"BACKEND": "apps.common.documents_on_s3.DocumentsOnS3", "OPTIONS": options}
        settings.STORAGES = {**settings.STORAGES, "documents": backend}
        return aws("s3")

    def test_the_report_lies_in_the_bucket_and_is_compared_from_there(self, shop, bucket):
        name = shop(measured()).data["report_name"]
        keys = [each["Key"] for each in bucket.list_objects_v2(Bucket="files")["Contents"]]
        assert keys == [f"documents/{name[:-5]}.html", f"documents/{name}"]
        assert len(shop(measured(started=NOW.timestamp() + 60)).data["compared"]) == 6

    @pytest.mark.django_db
    def test_the_runs_page_links_it(self, shop, bucket, client):
        name = shop(measured(errors={"pay: 500": 3})).data["report_name"]
        run = OperationRun.objects.create(
            operation="load_generator", pid=1, result={"report_name": name}, started_at=NOW, expires_at=NOW
        )
        user = UserFactory(is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename="view_operationrun"))
        client.force_login(user)
        url = f"/admin/operations/operationrun/{run.pk}/load/"
        assert url in client.get(f"/admin/operations/operationrun/{run.pk}/change/").content.decode()
        page = client.get(url).content.decode()
        assert "Essai de charge de shop.example" in page
        assert "3 × pay: 500" in page
        assert "<style" not in page
        bucket.delete_object(Bucket="files", Key=f"documents/{name}")
        assert client.get(url).status_code == 404

    def test_without_the_bucket_it_is_on_this_machine_and_the_run_says_so(self, shop, bucket, settings):
        bucket.delete_object(Bucket="files", Key="none")
        bucket.delete_bucket(Bucket="files")
        lines = Reporter()
        outcome = shop(measured(), report=lines)
        assert outcome.ok
        assert outcome.data["report_name"] == ""
        assert any("que sur cette machine" in line for line in lines.lines)
        assert Path(outcome.data["report"]).is_file()


class TestAborted:
    FOUND = {"what": "p95", "found": 900.0, "limit": 500, "second": 12, "after": 10}

    def test_what_was_measured_until_then_is_reported(self, shop):
        outcome = shop(measured(aborted=self.FOUND), abort_p95=500)
        assert not outcome.ok
        assert "Arrêté à la seconde 12 : le p95 dépassait 500 ms depuis 10 s" in outcome.message.replace("\u202f", " ")
        assert "--abort-p95=500" in shop.arguments()
        assert "--abort-failures" not in shop.arguments()

    def test_a_lost_generator_fails_it(self, shop):
        outcome = shop(measured(generators=4, lost=1), generators=4)
        assert "1 générateurs sur 4 ont disparu" in outcome.message
        assert "--generators=4" in shop.arguments()


def answers(count: int, milliseconds: float, failed: int = 0) -> list:
    return [(0, "home", milliseconds, number >= failed) for number in range(count)]


class TestLimits:
    def seconds(self, limits, *each) -> list:
        return [limits.judge(now, *given) for now, given in enumerate(each, 1)]

    def test_a_limit_passed_for_long_enough_ends_it(self):
        found = self.seconds(Limits(p95=500, after=3), *[(answers(10, 900), [])] * 4)
        assert [bool(each) for each in found] == [False, False, True, True]
        assert found[2] == {"what": "p95", "found": 900, "limit": 500, "second": 3, "after": 3}

    def test_one_good_second_between_starts_anew(self):
        slow, fast = (answers(10, 900), []), (answers(10, 20), [])
        assert not any(self.seconds(Limits(p95=500, after=3), slow, slow, fast, slow, slow))

    def test_failures_end_it_too(self):
        found = self.seconds(Limits(failures=5, after=2), *[(answers(10, 20, failed=1), [])] * 2)
        assert found[1]["what"] == "failures"
        assert not any(self.seconds(Limits(failures=10, after=2), *[(answers(10, 20, failed=1), [])] * 5))

    def test_a_shop_that_answers_nobody_is_slow(self):
        waits = [([], [1000.0 * second]) for second in range(1, 5)]
        assert self.seconds(Limits(p95=500, after=3), *waits)[2]["what"] == "p95"

    def test_a_second_without_anything_says_nothing(self):
        slow, nothing = (answers(1, 900), []), ([], [])
        assert self.seconds(Limits(p95=500, after=3), slow, nothing, slow)[2]
        assert not any(self.seconds(Limits(p95=500, after=3), *[nothing] * 9))
        assert not any(self.seconds(Limits(after=1), *[slow] * 9))


def test_batches_of_several_generators_are_one_load():
    whole = Measured()
    for name, count in (("a", 3), ("b", 5)):
        batch = Batch(answers=answers(count, 20.0), active=count, pending=[], lags=[1.0])
        batch.arrivals[0] = count
        batch.orders["demo_card"] = 1
        whole.add(name, Batch.of(json.loads(json.dumps(batch.as_message()))))
    line = whole.second(1, Limits())
    assert (line["requests"], line["active"], line["arrivals"]) == (8, 8, 8)
    data = whole.as_json(started=NOW.timestamp(), seconds=5, generators=2)
    summary = summarise(json.loads(json.dumps(data)))
    assert (summary.all.count, summary.generators, summary.orders) == (8, 2, {"demo_card": 2})


def test_percentiles_are_nearest_ranks():
    values = [float(number) for number in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert percentile([], 0.5) == 0
    summary = summarise(measured())
    assert sum(moment.arrivals for moment in summary.moments) == 10
    assert [moment.requests for moment in summary.moments] == [20] * 5


def test_what_loads_the_shop_learns_nothing_of_its_secrets(monkeypatch):
    given = {}
    monkeypatch.setenv("SECRET_KEY", "s")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    monkeypatch.setenv("DATABASE_URL", "s")
    real = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **more: given.update(more["env"]) or real(["true"], stdout=-1))
    with generator._running(["generate.py"]):
        assert not {"SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "DATABASE_URL"} & set(given)

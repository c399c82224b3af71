import json
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest

from apps.operations.errors import OperationFailed
from apps.operations.runs.report import Reporter
from apps.operations.services.loadtest import generator, load_generator
from apps.operations.services.loadtest.cloudwatch import watch_fleet
from apps.operations.services.loadtest.summary import percentile, summarise
from apps.operations.services.loadtest.target import find_target

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ASKED = {"rate": 5.0, "ramp": 0, "seconds": 5, "think": 0.0, "buy": 10, "p95": 500, "p99": 2000, "failures": 1.0}
# In place of deploy/loadtest/generate.py, which needs Locust: it measures what it is told to have measured.
STAND_IN = """
import json, signal, sys, time
from pathlib import Path
def stop(*_):
    raise KeyboardInterrupt
signal.signal(signal.SIGINT, stop)
measured = json.loads(Path(__file__).with_name("to-measure.json").read_text())
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
        assert json.loads(page.with_suffix(".json").read_text())["all"]["count"] == 100

    def test_instances_and_processors_stand_beside_the_latency(self, shop, settings, aws):
        cloudwatch = aws("cloudwatch")
        for namespace, metric, value in (
            ("AWS/AutoScaling", "GroupInServiceInstances", 3),
            ("AWS/EC2", "CPUUtilization", 64),
        ):
            dimensions = [{"Name": "AutoScalingGroupName", "Value": "web"}]
            data = {"MetricName": metric, "Dimensions": dimensions, "Timestamp": NOW, "Value": value}
            cloudwatch.put_metric_data(Namespace=namespace, MetricData=[data])
        shop(measured(), group="web")
        measures = json.loads((settings.VAR_DIR / "loadtest" / "2026-11-21T12-00-00" / "report.json").read_text())
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

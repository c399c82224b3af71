"""Draining: an instance that is about to be terminated lets tasks finish."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from botocore.client import BaseClient

from .conftest import HOST, load


class Metadata(BaseHTTPRequestHandler):
    """Fake metadata service (IMDSv2): the second answer is that the instance is to be terminated."""

    states: list[str]

    def do_PUT(self) -> None:
        self.reply("token")

    def do_GET(self) -> None:
        if self.headers["X-aws-ec2-metadata-token"] != "token":
            self.send_error(401)
        elif self.path.endswith("/target-lifecycle-state"):
            self.reply(self.states.pop(0))
        elif self.path.endswith("/instance-id"):
            self.reply("i-0123456789abcdef0")
        else:
            self.send_error(404)

    def reply(self, text: str) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def metadata() -> Iterator[str]:
    Metadata.states = ["InService", "Terminated"]
    server = HTTPServer(("127.0.0.1", 0), Metadata)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_ends_tasks_and_then_says_that_the_instance_may_end(metadata, monkeypatch):
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata)
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    monkeypatch.setenv("WEBMARKET_ENVIRONMENT", "staging")
    drain = load(HOST / "drain.py")
    monkeypatch.setattr(drain, "POLL_SECONDS", 0)
    done: list[tuple[str, ...]] = []
    monkeypatch.setattr(drain, "finish_tasks", lambda: done.append(("tasks",)))
    monkeypatch.setattr(drain, "complete_lifecycle", lambda *call: done.append(call))
    assert drain.main() == 0
    assert done == [("tasks",), ("staging", "i-0123456789abcdef0", "eu-west-3")]


def test_its_group_hears_that_the_instance_may_end(monkeypatch):
    """moto has no lifecycle actions."""
    heard: list[tuple[str, dict]] = []
    monkeypatch.setattr(BaseClient, "_make_api_call", lambda self, name, asked: heard.append((name, asked)))
    load(HOST / "drain.py").complete_lifecycle("staging", "i-0123456789abcdef0", "eu-west-3")
    ((name, asked),) = heard
    assert name == "CompleteLifecycleAction"
    assert (asked["AutoScalingGroupName"], asked["LifecycleHookName"]) == ("webmarket-staging-workers", "drain")
    assert (asked["InstanceId"], asked["LifecycleActionResult"]) == ("i-0123456789abcdef0", "CONTINUE")


def test_nothing_is_to_end_where_there_is_no_such_service(monkeypatch):
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1")
    assert load(HOST / "drain.py").metadata("autoscaling/target-lifecycle-state") == ""

"""Several generators and early ends, with Locust itself, against a small shop. It installs Locust on its first run."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from apps.operations.runs.report import Reporter
from apps.operations.services.loadtest.generator import generator_python

pytestmark = pytest.mark.proof
FOLDER = Path(__file__).resolve().parents[3] / "deploy" / "loadtest"
PAGE = b'<a href="/rayon/thes/">a</a><a href="/produit/the-vert-bio/">b</a><a href="/produit/cafe-moulu/">c</a>'


class Shop(ThreadingHTTPServer):
    """Answers every page alike, `wait` seconds later."""

    wait = 0.0
    request_queue_size = 256
    daemon_threads = True


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        time.sleep(self.server.wait)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: object) -> None:
        """A line for each request is too much."""


@pytest.fixture
def shop() -> Iterator[Shop]:
    server = Shop(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


@pytest.fixture
def generate(shop, tmp_path) -> Callable[..., tuple[dict, float]]:
    """`generate(*options)` gives what was measured and how many seconds it took; `during` sees the process."""
    python = generator_python(Reporter())

    def run(*options: str, during: Callable[[subprocess.Popen], None] = lambda process: None) -> tuple[dict, float]:
        output = tmp_path / "measured.json"
        url = f"http://127.0.0.1:{shop.server_address[1]}"
        fixed = ["--allowed", "127.0.0.1", "--buy", "0", "--think", "0.05", "--output", str(output)]
        began = time.monotonic()
        process = subprocess.Popen([python, "generate.py", url, *fixed, *options], cwd=FOLDER)  # noqa: S603
        during(process)
        assert process.wait(120) == 0
        return json.loads(output.read_text()), time.monotonic() - began

    return run


def workers_of(process: subprocess.Popen) -> list[int]:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(each) for each in children]


def test_generators_share_the_visitors(generate):
    measured, _seconds = generate("--rate", "40", "--ramp", "0", "--seconds", "6", "--generators", "3")
    assert (measured["generators"], measured["lost"]) == (3, 0)
    # Three Poisson processes are one of 40 × 6 arrivals; five standard deviations either way.
    assert abs(sum(measured["arrivals"].values()) - 240) < 5 * 240**0.5
    assert len(measured["answers"]) > 400
    assert not measured["errors"]


def test_one_that_is_killed_is_counted_and_the_others_go_on(generate):
    def kill_one(process: subprocess.Popen) -> None:
        while len(workers_of(process)) < 3:
            time.sleep(0.1)
        time.sleep(8)
        os.kill(workers_of(process)[0], signal.SIGKILL)

    measured, _seconds = generate(
        "--rate", "20", "--ramp", "0", "--seconds", "14", "--generators", "3", during=kill_one
    )
    assert measured["lost"] == 1
    assert max(second for second, *_ in measured["answers"]) >= 12


@pytest.mark.parametrize("generators", ["1", "2"])
def test_a_shop_that_is_slow_for_long_ends_it(generate, shop, generators):
    shop.wait = 0.8
    limits = ("--abort-p95", "500", "--abort-after", "4")
    measured, seconds = generate("--rate", "5", "--ramp", "0", "--seconds", "60", "--generators", generators, *limits)
    assert measured["aborted"]["what"] == "p95"
    assert seconds < 30


def test_ctrl_c_keeps_what_several_measured(generate):
    def stop(process: subprocess.Popen) -> None:
        while len(workers_of(process)) < 2:
            time.sleep(0.1)
        time.sleep(8)
        process.send_signal(signal.SIGINT)

    measured, seconds = generate("--rate", "20", "--seconds", "60", "--generators", "2", during=stop)
    assert measured["answers"]
    assert seconds < 30

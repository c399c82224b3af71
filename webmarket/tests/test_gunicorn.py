"""The shop under deploy/gunicorn.conf.py, as `make run` and production serve it."""

import os
import subprocess
import sys
import time

import httpx
import pytest
from django.conf import settings


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gunicorn")
    socket, log = folder / "socket", folder / "log"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "webmarket.settings",
        "DATABASE_URL": "sqlite:///:memory:",
        "GUNICORN_BIND": f"unix:{socket}",
        "WEB_CONCURRENCY": "1",
    }
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "webmarket.wsgi"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=output, stderr=output)  # noqa: S603
    limit = time.monotonic() + 60
    while not socket.exists():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < limit, log.read_text()
        time.sleep(0.05)
    with httpx.Client(
        transport=httpx.HTTPTransport(uds=str(socket)), base_url="http://127.0.0.1", timeout=20
    ) as client:
        client.log = log
        yield client
    process.terminate()
    assert process.wait(timeout=20) == 0


def test_a_search_of_ten_thousand_letters_reaches_the_shop(served):
    assert served.get("/robots.txt", params={"q": "é" * 10_000}).status_code == 200


def test_a_request_line_without_end_does_not(served):
    assert served.get("/robots.txt", params={"q": "a" * 65_530}).status_code == 414


def test_the_access_log_keeps_what_was_asked_for_to_itself(served):
    served.get("/robots.txt", params={"email": "camille@example.org"})
    lines = served.log.read_text()
    assert '"GET /robots.txt" 200' in lines
    assert "camille" not in lines

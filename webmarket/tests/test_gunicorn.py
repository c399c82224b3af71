"""The shop under gunicorn with deploy/gunicorn.conf.py, as in `make run` and production."""

import os
import socket
import subprocess
import sys
import time

import httpx
import pytest
from django.conf import settings

ARRIVAL = 1


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gunicorn")
    socket_path, log = folder / "socket", folder / "log"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "webmarket.settings",
        "DATABASE_URL": "sqlite:///:memory:",
        "GUNICORN_BIND": f"unix:{socket_path}",
        "WEB_CONCURRENCY": "1",
        "GUNICORN_THREADS": "4",
        "GUNICORN_ARRIVAL_SECONDS": str(ARRIVAL),
    }
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "webmarket.wsgi"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=output, stderr=output)  # noqa: S603
    limit = time.monotonic() + 60
    while not socket_path.exists():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < limit, log.read_text()
        time.sleep(0.05)
    with httpx.Client(
        transport=httpx.HTTPTransport(uds=str(socket_path)), base_url="http://127.0.0.1", timeout=20
    ) as client:
        client.log, client.socket_path = log, str(socket_path)
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


@pytest.mark.parametrize(
    "beginning",
    [
        pytest.param(b"POST /api/commentaires HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ", id="head"),
        pytest.param(
            b"POST /api/commentaires HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Content-Length: 5000\r\n\r\n",
            id="body",
        ),
    ],
)
def test_clients_that_send_a_byte_now_and_then_do_not_keep_the_threads(served, beginning):
    slow = [socket.socket(socket.AF_UNIX) for _ in range(4)]
    for connection in slow:
        connection.connect(served.socket_path)
        connection.sendall(beginning)
        connection.settimeout(0.2)
    open_still, began = set(slow), time.monotonic()
    while open_still and time.monotonic() - began < ARRIVAL + 10:
        for connection in list(open_still):
            try:
                connection.sendall(b"a")
                if not connection.recv(65_536):
                    open_still.discard(connection)
            except TimeoutError:
                continue
            except OSError:
                open_still.discard(connection)
    assert not open_still
    assert time.monotonic() - began >= ARRIVAL - 0.5
    assert served.get("/health/live", timeout=2).status_code == 200
    for connection in slow:
        connection.close()


def test_a_connection_may_be_kept_open_longer_than_a_request_may_take(served):
    assert served.get("/health/live").status_code == 200
    time.sleep(ARRIVAL + 1.2)
    assert served.get("/robots.txt").status_code == 200


def test_a_worker_keeps_no_more_idle_connections_than_it_has_threads(served):
    """A closed connection is opened again with whichever worker is free."""
    connections = []
    for _ in range(8):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(served.socket_path)
        connection.settimeout(30)
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        connections.append((connection, b"connection: close" not in connection.recv(4096).lower()))
        # A connection counts as idle a moment after its answer.
        time.sleep(0.1)
    assert 0 < sum(stays for _connection, stays in connections) <= 5
    for connection, _stays in connections:
        connection.close()


@pytest.mark.parametrize(
    "request_head",
    [
        pytest.param(b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", id="asked to close"),
        pytest.param(b"GET /health/live HTTP/1.0\r\n\r\n", id="HTTP 1.0"),
        pytest.param(b"nonsense\r\n\r\n", id="refused"),
    ],
)
def test_clients_that_do_not_close_an_ended_connection_hold_nobody_up(served, request_head):
    ended = [socket.socket(socket.AF_UNIX) for _ in range(3)]
    for connection in ended:
        connection.connect(served.socket_path)
        connection.settimeout(10)
        connection.sendall(request_head)
        began = time.monotonic()
        assert connection.recv(65_536).startswith(b"HTTP/1.")
        assert time.monotonic() - began < 1
    began = time.monotonic()
    assert served.get("/health/live").status_code == 200
    assert time.monotonic() - began < 1
    for connection in ended:
        connection.close()


def test_an_ended_connection_that_its_client_keeps_is_closed_after_a_while(served):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(served.socket_path)
    connection.settimeout(10)
    connection.sendall(b"GET /health/live HTTP/1.0\r\n\r\n")
    limit, closed = time.monotonic() + 10, False
    while not closed and time.monotonic() < limit:
        time.sleep(0.1)
        try:
            connection.sendall(b"a")
        except (BrokenPipeError, ConnectionResetError):
            closed = True
    assert closed
    connection.close()
    assert served.get("/health/live").status_code == 200


def test_the_access_log_shows_no_key_of_an_order(served):
    key = "Zx8_kW3mQp7LrT5vNc2Yb9Hd"
    served.get(f"/suivi/{key}/", headers={"X-Request-ID": "c0ffee00c0ffee00"})
    limit = time.monotonic() + 10
    while "c0ffee00" not in served.log.read_text() and time.monotonic() < limit:
        time.sleep(0.05)
    log = served.log.read_text()
    assert "c0ffee00" in log
    assert key not in log

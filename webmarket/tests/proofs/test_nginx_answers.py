"""Answers of a real nginx with the shop's configuration when the shop itself cannot answer."""

import http.client
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.bench.nginx import serving

pytestmark = pytest.mark.proof
TOO_LARGE = 65 * 1024 * 1024


class Server:
    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port

    def ask(self, path: str, *, length: int = 0, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.putrequest("POST" if length else "GET", path)
        for name, value in {**headers, **({"Content-Length": str(length)} if length else {})}.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


@pytest.fixture
def nginx() -> Iterator[Server]:
    """nginx in front of a shop that is down."""
    with tempfile.TemporaryDirectory() as name, serving(f"unix:{name}/nobody.sock") as running:
        yield Server(running.folder, running.port)


def test_programs_are_refused_in_the_one_shape_and_their_language(nginx: Server):
    status, headers, body = nginx.ask("/api/products")
    assert (status, headers["Content-Type"], headers["Retry-After"]) == (502, "application/json", "30")
    assert b'"code":"unavailable"' in body
    assert "répond".encode() in body
    assert b"Try again" in nginx.ask("/api/products", Accept_Language="en-GB,en;q=0.9")[2]
    assert nginx.ask("/")[1]["Content-Type"].startswith("text/html")


def test_a_flood_a_large_body_and_works_are_told_in_json(nginx: Server):
    status, headers, body = nginx.ask("/api/prospects", length=TOO_LARGE)
    assert (status, headers["Content-Type"]) == (413, "application/json")
    assert b'"code":"too_large"' in body
    answers = [nginx.ask("/api/products") for _call in range(300)]
    refused = [(headers["Retry-After"], body) for status, headers, body in answers if status == 429]
    assert refused
    assert all(wait == "1" and b'"code":"throttled"' in body for wait, body in refused)
    time.sleep(1)
    (nginx.folder / "maintenance").touch()
    assert nginx.ask("/api/products")[0] == 503

"""Answers of a real nginx with the shop's configuration when the shop itself cannot answer."""

import http.client
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.proof
SOURCE = settings.BASE_DIR / "deploy" / "nginx"
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
    """nginx in front of a shop that is down. Its workers run as nobody, who must see the maintenance file."""
    with tempfile.TemporaryDirectory() as name, socket.socket() as free:
        folder = Path(name)
        folder.chmod(0o755)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        text = (SOURCE / "nginx.conf").read_text()
        for real, here in {
            "user www-data;": "daemon off;",
            "/run/nginx.pid": f"{name}/pid",
            "/var/log/nginx/": f"{name}/",
            "include /etc/nginx/modules-enabled/*.conf;": "",
            "include mime.types;": "include /etc/nginx/mime.types;",
            "/opt/webmarket/current/deploy/nginx": str(SOURCE),
            "/run/webmarket/maintenance": f"{name}/maintenance",
            "/run/webmarket-web.sock": f"{name}/nobody.sock",
            "include proxy.conf;": f"include {SOURCE}/proxy.conf;",
        }.items():
            assert real in text
            text = text.replace(real, here)
        (folder / "nginx.conf").write_text(text)
        (folder / "host").mkdir()
        (folder / "host/listen.conf").write_text(f"listen 127.0.0.1:{port};")
        (folder / "host/visitor.conf").write_text(
            "map $remote_addr $visitor { default $remote_addr; } map $scheme $visitor_scheme { default $scheme; }"
        )
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin")
        assert program, "apt install nginx-light"
        command = [program, "-p", name, "-c", f"{name}/nginx.conf"]
        tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert tried.returncode == 0, tried.stderr
        running = subprocess.Popen(command)
        for _turn in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield Server(folder, port)
        running.terminate()
        running.wait(timeout=20)


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

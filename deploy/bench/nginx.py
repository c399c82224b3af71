"""The nginx that hosts run, on a free port of this machine: same configuration, other folders."""

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "nginx"
ONE_VISITOR = "map $remote_addr $visitor { default $remote_addr; }"
# For load from one machine, which the limit for one visitor would stop.
MANY_VISITORS = "map $request_id $visitor { default $request_id; }"


@dataclass
class Nginx:
    process: subprocess.Popen
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def log(self) -> str:
        return (self.folder / "access.log").read_text()


@contextmanager
def serving(upstream: str, *, visitors: str = ONE_VISITOR, log_buffered: bool = False) -> Iterator[Nginx]:
    """nginx in front of `upstream` (`127.0.0.1:8000`, `unix:/path`), until the end of the block.

    Its workers may run as nobody, who must see the maintenance file and a socket. Raises RuntimeError when nginx is not
    installed or refuses the configuration.
    """
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    if not program:
        raise RuntimeError("nginx is missing: on Debian or Ubuntu, apt install nginx-light.")
    with tempfile.TemporaryDirectory() as name, socket.socket() as free:
        folder = Path(name)
        folder.chmod(0o755)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        (folder / "nginx.conf").write_text(_moved(folder, upstream, log_buffered=log_buffered))
        (folder / "host").mkdir()
        (folder / "host/listen.conf").write_text(f"listen 127.0.0.1:{port};")
        scheme = "map $scheme $visitor_scheme { default $scheme; }"
        (folder / "host/visitor.conf").write_text(f"{visitors} {scheme}")
        command = [program, "-p", name, "-c", f"{name}/nginx.conf"]
        tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        if tried.returncode:
            raise RuntimeError(tried.stderr)
        running = subprocess.Popen(command, stderr=sys.stderr)
        try:
            _wait_for(port)
            yield Nginx(running, folder, port)
        finally:
            running.terminate()
            running.wait(timeout=20)


def _moved(folder: Path, upstream: str, *, log_buffered: bool) -> str:
    text = (SOURCE / "nginx.conf").read_text()
    for real, here in {
        "user www-data;": "daemon off;",
        "/run/nginx.pid": f"{folder}/pid",
        "/run/nginx-pages": f"{folder}/pages",
        "/var/log/nginx/": f"{folder}/",
        " buffer=32k flush=5s;": " buffer=32k flush=5s;" if log_buffered else ";",
        "include /etc/nginx/modules-enabled/*.conf;": "",
        "include mime.types;": "include /etc/nginx/mime.types;",
        "/opt/webmarket/current/deploy/nginx": str(SOURCE),
        "/run/webmarket/maintenance": f"{folder}/maintenance",
        "unix:/run/webmarket-web.sock": upstream,
        "include proxy.conf;": f"include {SOURCE}/proxy.conf;",
    }.items():
        if real not in text:
            raise RuntimeError(f"nginx.conf has no « {real} » any more.")
        text = text.replace(real, here)
    return text


def _wait_for(port: int) -> None:
    for _turn in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("nginx does not listen.")

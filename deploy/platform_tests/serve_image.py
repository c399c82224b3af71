"""Boot an instance of the image as AWS does, and send it the requests of the balancer and the edge."""

from __future__ import annotations

import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from container import GUEST, HOST, Container
from local import ROOT, Unusable, read_env_file
from moto_server import moto_with_settings, put_settings
from step_log import StepLog
from tool_venv import install_tools

SITE = "www.webmarket.example"
# As the balancer behind the CDN passes a request on.
FORWARDED = {"Host": SITE, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9, 130.176.0.1"}
UNITS = ("web", "worker", "operations", "beat", "drain", "secrets", "migrate")
EXPOSURE_LIMIT = 2.5
HEALTHY_SECONDS = 30


def serve(container: Container, steps: StepLog) -> None:
    """Do what user data does on an instance, with settings by role; then send the load balancer's requests."""
    install_tools()
    container.stop()
    instance = container.root / "etc/webmarket/instance.env"
    instance.unlink(missing_ok=True)
    with steps.step("boot") as note:
        note(f"systemd has started all in {container.boot():.1f} s")
    with moto_with_settings(HOST, "local", settings()) as variables:
        role = {"WEBMARKET_ENVIRONMENT": "local", "WEBMARKET_ROLE": "web,workers", **variables}
        instance.write_text("".join(f"{name}={value}\n" for name, value in role.items()))
        with steps.step("migrate") as note:
            container.run("systemctl", "start", "webmarket-migrate.service")
            note("a one-shot on this image")
        container.stop()
        with steps.step("boot to healthy") as note:
            began = time.monotonic()
            container.boot(wait=False)
            wait_until(lambda: request_page("/health")[0] == 200, HEALTHY_SECONDS, lambda: journal(container))
            note(f"{time.monotonic() - began:.1f} s from power to /health")
        with steps.step("as the edge asks") as note:
            for path, wanted in (("/", 200), ("/en/", 200), ("/admin/login/", 200), ("/nowhere", 404)):
                code = request_page(path)[0]
                if code != wanted:
                    raise Unusable(f"{path} answered {code}:\n{journal(container)}")
                note(f"{path} {code}")
            if request_page("/", {**FORWARDED, "X-Forwarded-Proto": "http"})[0] != 301:
                raise Unusable("Plain HTTP is not sent to HTTPS.")
            note("HTTP is sent to HTTPS")
            check_rate_limit(note)
        with steps.step("units") as note:
            failed = container.run("systemctl", "list-units", "--failed", "--plain", "--no-legend").stdout.strip()
            if failed:
                raise Unusable(f"Failed: {failed}\n{journal(container)}")
            for unit in ("webmarket-worker", "webmarket-operations", "webmarket-beat", "webmarket-web", "nginx"):
                if container.run("systemctl", "is-active", unit, check=False).stdout.strip() != "active":
                    raise Unusable(f"{unit} does not run:\n{journal(container)}")
            note("web, worker, operations, beat and nginx run")
            mode = container.run("stat", "-c", "%a %U", "/run/webmarket/env").stdout.strip()
            if mode != "400 root":
                raise Unusable(f"The settings are {mode}")
            note("settings are root's, 0400")
        with steps.step("systemd-analyze") as note:
            check_sandbox(container, note)
        with steps.step("restart") as note:
            check_reload(container, variables, note)
    instance.unlink()


def settings() -> dict[str, str]:
    return {
        "ALLOWED_HOSTS": f"{SITE},{GUEST}",
        "SITE_URL": f"https://{SITE}",
        "DATABASE_URL": "sqlite:////var/lib/webmarket/webmarket.sqlite3",
        "CELERY_BROKER_URL": "filesystem://localhost",
        **read_env_file(ROOT / "deploy" / "sample_shop.env"),
    }


def request_page(path: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(f"http://{GUEST}{path}", headers=headers or FORWARDED)
    try:
        with urllib.request.build_opener(NoRedirect).open(request, timeout=5) as response:
            return response.status, dict(response.headers), response.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()
    except OSError:
        return 0, {}, b""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


def wait_until(condition: Callable[[], bool], seconds: float, why: Callable[[], str]) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            raise Unusable(f"Not after {seconds:.0f} s:\n{why()}")
        time.sleep(0.05)


def journal(container: Container) -> str:
    return container.run("journalctl", "-b", "-p", "info", "-n", "60", "--no-pager", "-o", "cat", check=False).stdout


def check_rate_limit(note: Callable[[str], None]) -> None:
    """An IP may send 100 requests per second and a burst of 50; another IP is not affected."""
    again = 400
    codes = subprocess.run(
        [
            *("curl", "--silent", "--parallel", "--parallel-max", "40", "--output", "/dev/null"),
            *("--write-out", "%{http_code}\n", "--max-time", "20"),
            *(part for name, value in FORWARDED.items() for part in ("--header", f"{name}: {value}")),
            f"http://{GUEST}/static/nothing-[1-1].css",
            f"http://{GUEST}/robots.txt?[1-{again}]",
        ],
        capture_output=True,
        text=True,
    ).stdout.split()
    refused = codes.count("429")
    if not refused:
        raise Unusable(f"{again} requests at once and none was refused: {sorted(set(codes))}")
    other = {**FORWARDED, "X-Forwarded-For": "203.0.113.9, 198.51.100.7, 130.176.0.1"}
    if request_page("/robots.txt", other)[0] == 429:
        raise Unusable("Another visitor is held up by the first one's requests.")
    note(f"{refused} of {again} requests at once from one address are refused, another address's are answered")


def check_sandbox(container: Container, note: Callable[[str], None]) -> None:
    for unit in (*(f"webmarket-{name}.service" for name in UNITS), "nginx.service"):
        report = container.run("systemd-analyze", "security", "--no-pager", unit, check=False).stdout
        found = re.search(r"Overall exposure level for \S+: ([\d.]+)", report)
        level = float(found[1]) if found else 10
        if level >= EXPOSURE_LIMIT:
            worst = [line for line in report.splitlines() if line.startswith("✗")]
            raise Unusable(f"{unit} is exposed by {level}:\n" + "\n".join(worst))
        note(f"{unit.removesuffix('.service')} {level}")


def check_reload(container: Container, reached: dict[str, str], note: Callable[[str], None]) -> None:
    """A changed setting is fetched, and gunicorn restarted during requests, as when a password is rotated."""

    def process() -> str:
        return container.run("systemctl", "show", "--property=MainPID", "webmarket-web.service").stdout

    before, codes = process(), []
    put_settings(reached, "local", {"SHOP_PHONE": "+33 4 00 00 00 01"}, {})
    container.run("systemctl", "start", "webmarket-secrets.service")
    limit = time.monotonic() + 5
    while time.monotonic() < limit:
        codes.append(request_page("/")[0])
    if process() == before:
        raise Unusable(f"A changed setting restarted nothing:\n{journal(container)}")
    if set(codes) != {200}:
        raise Unusable(f"While gunicorn was restarted, {len(codes)} requests were answered {sorted(set(codes))}.")
    note(f"a changed setting restarted gunicorn; {len(codes)} requests meanwhile, all answered 200")

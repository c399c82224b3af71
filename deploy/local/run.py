"""`make run`: installs, prepares and runs the whole shop on this machine.

The web server starts first; the task worker and the scheduler follow when it answers, so that they do not slow it
down, and after the first start what renders the demo catalogue's illustrations. Ctrl-C ends them all. Each process has
its own session and only its leader gets the signal: a signal to the whole group would kill running tasks.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from environment import BIN, PYTHON, ROOT, Unusable, make_env_file, make_environment, say, variables
from libraries import install_libraries

VAR = ROOT / "var"
PREPARED = VAR / "prepared"
STAFF_LOGIN = VAR / "demo-staff-login"
ILLUSTRATED = VAR / "illustrated"
"""There when every illustration of the demo catalogue is rendered."""
ILLUSTRATIONS = "illustrations"
FIRST_PAGE_SECONDS = 60
# From the request to end: running tasks may finish, then their messages go back to the queue, then all is killed.
FINISH_SECONDS, KILL_SECONDS = 4, 8
PR_SET_PDEATHSIG = 1


def main() -> int:
    try:
        port = wanted_port()
        make_environment(ROOT / "requirements.txt", mysql_required="mysql" in variables().get("DATABASE_URL", ""))
        install_libraries()
        make_env_file()
        VAR.mkdir(exist_ok=True)
        prepare()
        return Shop(port).run()
    except Unusable as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


def wanted_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise Unusable(f"PORT={text} is not a port number; choose one from 1 to 65535.")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Unusable(
                f"Port {port} cannot be used ({error.strerror}). Choose another: make run PORT={port + 1 & 0xFFFF}"
            ) from None
    return port


def prepare() -> None:
    """Database, translations, static files and demo data; skipped when nothing they depend on has changed."""
    state = current_state()
    if PREPARED.exists() and PREPARED.read_text() == state:
        return
    ILLUSTRATED.unlink(missing_ok=True)
    done = subprocess.run([PYTHON, "manage.py", "prepare_local"], cwd=ROOT)
    if done.returncode:
        raise Unusable("The shop could not be prepared; the reason stands above.")
    PREPARED.write_text(current_state())


def is_demo() -> bool:
    return variables().get("DEMO", "").lower() in ("true", "on", "ok", "y", "yes", "1")


def current_state() -> str:
    """Hash of everything that the preparation reads, and of the embedded database that it fills."""
    state = hashlib.sha256()
    for folder in ("apps", "webmarket"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix not in {".pyc", ".mo"} and "tests" not in path.parts:
                state.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    for path in (ROOT / "requirements.txt", ROOT / ".env"):
        state.update(path.read_bytes())
    database = variables().get("DATABASE_URL", "")
    if database:
        # A database that is not ours may have been emptied since: always prepare.
        state.update(os.urandom(16))
    for path in (VAR / "webmarket.sqlite3", VAR / "static", STAFF_LOGIN):
        state.update(f"{path.name} {path.stat().st_ino if path.exists() else 'missing'}".encode())
    return state.hexdigest()


class Shop:
    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}/"
        self.environment = {
            **os.environ,
            "PORT": str(port),
            "SITE_URL": variables().get("SITE_URL", self.url),
            "PYTHONUNBUFFERED": "1",
            # In a container the user is root, about which Celery warns; on a server the worker has its own user.
            "PYTHONWARNINGS": "ignore::RuntimeWarning:celery.platforms",
        }
        self.processes: dict[str, subprocess.Popen] = {}
        self.ending = False

    def run(self) -> int:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.end)
        failed = ""
        try:
            failed = self.open() or self.watch()
        finally:
            self.close()
        if failed:
            say(failed)
            return 1
        say("The shop is closed.")
        return 0

    def end(self, *_: object) -> None:
        self.ending = True

    def open(self) -> str:
        self.start("web server", "gunicorn", "--config", "deploy/gunicorn.conf.py", "webmarket.wsgi")
        limit = time.monotonic() + FIRST_PAGE_SECONDS
        while not self.ending and not self.answers():
            if failed := self.dead():
                return failed
            if time.monotonic() > limit:
                return f"No page after {FIRST_PAGE_SECONDS} s; the reason should stand above."
            time.sleep(0.05)
        if self.ending:
            return ""
        self.greet()
        celery = ("celery", "--app", "webmarket", "--quiet")
        local = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        queues = ("--queues", "default,operations")
        self.start("task worker", *celery, "worker", *queues, "--concurrency", "1", "--loglevel", "INFO", *local)
        self.start("scheduler", *celery, "beat", "--pidfile", "", "--loglevel", "WARNING")
        if is_demo() and not ILLUSTRATED.exists():
            self.start(ILLUSTRATIONS, "python", "manage.py", "illustrate_demo_shop", "--skip-checks")
        return ""

    def watch(self) -> str:
        while not self.ending:
            if failed := self.dead():
                return failed
            time.sleep(0.2)
        return ""

    def start(self, name: str, program: str, *arguments: str) -> None:
        self.processes[name] = subprocess.Popen(
            [BIN / program, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent if sys.platform == "linux" else None,
        )

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(self.url, timeout=5).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def dead(self) -> str:
        self.note_illustrations()
        for name, process in self.processes.items():
            if process.poll() is not None:
                return f"The {name} ended by itself with code {process.returncode}; the reason should stand above."
        return ""

    def note_illustrations(self) -> None:
        """That process ends by itself, and the shop is open without it: pages show placeholders instead."""
        process = self.processes.get(ILLUSTRATIONS)
        if process is None or process.poll() is None:
            return
        del self.processes[ILLUSTRATIONS]
        if process.returncode:
            say("Not all illustrations were rendered; the reason should stand above. The next start goes on with them.")
        else:
            ILLUSTRATED.touch()

    def close(self) -> None:
        self.signal(signal.SIGTERM)
        if not self.ended_within(FINISH_SECONDS):
            self.signal(signal.SIGQUIT)
            self.ended_within(KILL_SECONDS - FINISH_SECONDS)
        for process in self.processes.values():
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            process.wait()

    def signal(self, number: signal.Signals) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(number)

    def ended_within(self, seconds: float) -> bool:
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            if all(process.poll() is not None for process in self.processes.values()):
                return True
            time.sleep(0.05)
        return False

    def greet(self) -> None:
        lines = [
            ("The shop", self.url),
            ("The back office", f"{self.url}admin/"),
        ]
        if STAFF_LOGIN.exists():
            lines.append(("Demo staff login", STAFF_LOGIN.read_text().strip()))
        if variables().get("EMAIL_URL") is None:
            lines.append(("E-mails it sends", f"{(VAR / 'mail').relative_to(ROOT)}/"))
        say("")
        for title, value in lines:
            say(f"  {title:<18}{value}")
        say("\n  Ctrl-C closes the shop.\n")


def die_with_parent() -> None:
    """Linux: end this process when its parent is killed (prctl PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())

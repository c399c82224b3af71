"""A container with a new Debian 13, its own systemd and network, in place of a new EC2 instance.

It is reached by SSH with a key made for it, like the builder of an image. Its network is a pair of IPs between this
machine and the container; packages come through this machine's network. All is removed when it stops, except the
unpacked Debian, which is used again.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from local import Unusable, mirror, say

CACHE = Path(os.environ.get("WEBMARKET_IMAGES", "/var/cache/webmarket/image"))
SUITE = "trixie"
# Packages of the official cloud image that a bare installation lacks; the roles install the rest.
PACKAGES = "ca-certificates,dbus,iproute2,openssh-server,python3,sudo,systemd,systemd-sysv"
HOST, GUEST, NETWORK = "10.231.0.1", "10.231.0.2", "10.231.0.0/30"
# The official image's user, who may become root.
USER = "admin"
BOOT_SECONDS = 60
FORWARD = Path("/proc/sys/net/ipv4/ip_forward")


class Container:
    def __init__(self, name: str = "webmarket") -> None:
        self.name = name
        self.root = CACHE / name
        self.key = CACHE / "ssh-key"
        self.log = CACHE / f"{name}.log"
        self.pid_file = CACHE / f"{name}.pid"
        self.forwarding = CACHE / f"{name}.ip_forward"

    # --- Its disk

    def unpack(self) -> None:
        """Debian by debootstrap (kept for the next time), and a copy of it to work in."""
        needs()
        base = CACHE / "base"
        if not base.exists():
            say("Unpacking Debian 13 (a minute, once) …")
            unfinished = CACHE / "base.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            CACHE.mkdir(parents=True, exist_ok=True)
            run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(unfinished), mirror())
            unfinished.rename(base)
        self.stop()
        self.remove()
        run("cp", "-a", "--reflink=auto", str(base), str(self.root))
        self.prepare()

    def prepare(self) -> None:
        """What cloud-init does at first boot (names, network, SSH key), and this machine's certificate authorities."""
        etc = self.root / "etc"
        security = mirror().replace("/debian", "/debian-security")
        (etc / "apt/sources.list").write_text(
            f"deb {mirror()} {SUITE} main\ndeb {mirror()} {SUITE}-updates main\ndeb {security} {SUITE}-security main\n"
        )
        (etc / "resolv.conf").unlink(missing_ok=True)
        shutil.copy("/etc/resolv.conf", etc / "resolv.conf")
        (etc / "hostname").write_text("webmarket\n")
        (etc / "hosts").write_text("127.0.0.1 localhost\n127.0.1.1 webmarket\n::1 localhost\n")
        (self.root / "var/log/journal").mkdir(exist_ok=True)
        if not self.key.exists():
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.key))
        run("chroot", str(self.root), "useradd", "--create-home", "--shell", "/bin/bash", USER)
        (etc / "sudoers.d/cloud").write_text(f"{USER} ALL=(ALL) NOPASSWD:ALL\n")
        ssh = self.root / "home" / USER / ".ssh"
        ssh.mkdir(mode=0o700)
        shutil.copy(self.key.with_suffix(".pub"), ssh / "authorized_keys")
        run("chroot", str(self.root), "chown", "-R", f"{USER}:", f"/home/{USER}/.ssh")
        authorities = list(Path("/usr/local/share/ca-certificates").glob("*.crt"))
        for authority in authorities:
            shutil.copy(authority, self.root / "usr/local/share/ca-certificates")
        if authorities:
            run("chroot", str(self.root), "update-ca-certificates")

    def remove(self) -> None:
        if self.root.exists():
            run("rm", "-rf", "--one-file-system", str(self.root))

    def size(self) -> int:
        """Megabytes on disk, without what grows while it runs."""
        exclude = ("--exclude=./var/log", "--exclude=./var/cache/apt", "--exclude=./var/lib/apt/lists")
        return int(run("du", "-sxm", *exclude, ".", cwd=self.root).split()[0])

    # --- Its life

    @property
    def leader(self) -> int | None:
        """The process id of its init on this machine, while it runs."""
        if not self.pid_file.exists():
            return None
        parent = self.pid_file.read_text().strip()
        if "nspawn" not in subprocess.run(["ps", "-o", "comm=", "-p", parent], capture_output=True, text=True).stdout:
            return None
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", parent], capture_output=True, text=True).stdout.split()
        return int(children[0]) if children else None

    def boot(self, *, wait: bool = True) -> float:
        """Start it and (with `wait`) wait until systemd has started everything; returns the seconds."""
        self.stop()
        self.connect()
        began = time.monotonic()
        command = [
            *("systemd-nspawn", "--quiet", "--directory", str(self.root), "--boot", "--register=no", "--keep-unit"),
            *(f"--network-namespace-path=/run/netns/{self.name}", "--capability=CAP_NET_ADMIN", "--console=pipe"),
            *("--resolv-conf=off", "--timezone=off", "--link-journal=no"),
        ]
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                # systemd of Debian 13 supports only the unified cgroup hierarchy, which this machine may not use.
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            )
        self.pid_file.write_text(str(process.pid))
        limit = began + BOOT_SECONDS
        while wait and self.state() not in {"running", "degraded"}:
            if process.poll() is not None:
                raise Unusable(f"The container ended with {process.returncode}:\n{self.log.read_text()[-2000:]}")
            if time.monotonic() > limit:
                raise Unusable(f"The container has not booted after {BOOT_SECONDS} s; {self.log} may say why.")
            time.sleep(0.05)
        return time.monotonic() - began

    def let_builder_in(self) -> None:
        """Start SSH and open its port in a baked image, to bake it a second time."""
        self.run("systemctl", "start", "ssh.service")
        self.run("nft", "insert", "rule", "inet", "host", "input", "tcp", "dport", "22", "accept", check=False)

    def state(self) -> str:
        if not self.leader:
            return "off"
        return self.run("systemctl", "is-system-running", check=False).stdout.strip()

    def stop(self) -> None:
        if self.leader:
            with suppress(subprocess.TimeoutExpired):
                self.run("systemctl", "poweroff", "--no-block", check=False)
            limit = time.monotonic() + 30
            while self.leader and time.monotonic() < limit:
                time.sleep(0.1)
            if self.leader:
                os.kill(int(self.pid_file.read_text()), signal.SIGKILL)
        self.pid_file.unlink(missing_ok=True)
        self.disconnect()

    # --- Its network

    def connect(self) -> None:
        self.disconnect()
        run("ip", "netns", "add", self.name)
        run("ip", "link", "add", "webmarket0", "type", "veth", "peer", "name", "host0", "netns", self.name)
        run("ip", "address", "add", f"{HOST}/30", "dev", "webmarket0")
        run("ip", "link", "set", "webmarket0", "up")
        for command in (
            ("address", "add", f"{GUEST}/30", "dev", "host0"),
            ("link", "set", "host0", "up"),
            ("link", "set", "lo", "up"),
            ("route", "add", "default", "via", HOST),
        ):
            run("ip", "-n", self.name, *command)
        # Stored on disk, because another process may stop it.
        self.forwarding.write_text(FORWARD.read_text())
        FORWARD.write_text("1")
        rules = (
            f"table ip {self.name} {{ chain out {{ type nat hook postrouting priority srcnat; "
            f"ip saddr {NETWORK} ip daddr != {NETWORK} masquerade; }}; }}\n"
        )
        subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)

    def disconnect(self) -> None:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["nft", "delete", "table", "ip", self.name], **quiet)
        subprocess.run(["ip", "link", "delete", "webmarket0"], **quiet)
        subprocess.run(["ip", "netns", "delete", self.name], **quiet)
        if self.forwarding.exists():
            FORWARD.write_text(self.forwarding.read_text())
            self.forwarding.unlink()

    # --- What runs in it

    def run(self, *command: str, check: bool = True, nice: int = 0, **environment: str) -> subprocess.CompletedProcess:
        """Run a command inside as root, without SSH."""
        inside = ["nsenter", "--target", str(self.leader), "--all", "env", "-i"]
        variables = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "LANG": "C.UTF-8", **environment}
        full = ["nice", "-n", str(nice), *inside, *(f"{name}={value}" for name, value in variables.items()), *command]
        done = subprocess.run(full, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        if check and done.returncode:
            raise Unusable(
                f"In the container, {' '.join(command)} ended with {done.returncode}:\n{done.stdout[-3000:]}"
            )
        return done


def needs() -> None:
    if os.geteuid() != 0:
        raise Unusable("Only root can boot a container.")
    programs = {
        "debootstrap": "debootstrap",
        "systemd-nspawn": "systemd-container",
        "nft": "nftables",
        "ip": "iproute2",
    }
    missing = [package for program, package in programs.items() if not shutil.which(program)]
    if missing:
        raise Unusable(f"This needs {', '.join(missing)} (Debian: apt install {' '.join(missing)}).")


def run(*command: str, cwd: Path | None = None, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=cwd, env=environment
    )
    if done.returncode:
        raise Unusable(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-3000:]}")
    return done.stdout

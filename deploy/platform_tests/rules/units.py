"""What each unit must say to run confined, to start once its settings are there, and to end its work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from rules.world import Rule

UNITS = Path("deploy/systemd")
SETTINGS = "webmarket-secrets.service"
TARGET = "webmarket.target"
WEB, WORKERS = "/run/webmarket/role/web", "/run/webmarket/role/workers"
# Root, without root's capabilities: one stops units, one writes a file that only root may read.
ROOTS = {"webmarket-drain.service", SETTINGS}
# What both drop-ins confine; values that differ stand below.
CONFINED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "ProtectProc": "invisible",
    "ProcSubset": "pid",
    "ProtectClock": "yes",
    "ProtectControlGroups": "yes",
    "ProtectHostname": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "PrivateDevices": "yes",
    "PrivateTmp": "yes",
    "PrivateIPC": "yes",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "SystemCallArchitectures": "native",
    "SystemCallErrorNumber": "EPERM",
}
SANDBOXES = {
    "webmarket-.service.d/sandbox.conf": {
        "CapabilityBoundingSet": "",
        "AmbientCapabilities": "",
        "PrivateUsers": "yes",
        "RemoveIPC": "yes",
        "SystemCallFilter": "@system-service ~@privileged @resources",
        "UMask": "0027",
        "IPAddressDeny": "multicast",
    },
    "nginx.service.d/webmarket.conf": {
        "CapabilityBoundingSet": "CAP_NET_BIND_SERVICE CAP_SETGID CAP_SETUID CAP_CHOWN CAP_DAC_OVERRIDE",
        "SystemCallFilter": "@system-service ~@resources",
        "ReadWritePaths": "/run /var/lib/nginx /var/log/nginx",
        "LogsDirectory": "nginx",
    },
}
# A task may take fifteen minutes (apps/*/tasks.py: soft time limits); a request thirty seconds
# (deploy/gunicorn.conf.py).
ENDING_SECONDS = {
    "webmarket-web.service": 30,
    "webmarket-worker.service": 900,
    "webmarket-operations.service": 900,
    "webmarket-beat.service": 10,
}
LONGEST_SECONDS = 920
MIGRATING_SECONDS = 1800
TYPES = {
    "webmarket-web.service": "notify",
    "webmarket-worker.service": "simple",
    "webmarket-operations.service": "simple",
    "webmarket-beat.service": "simple",
    "webmarket-drain.service": "exec",
    "webmarket-migrate.service": "oneshot",
    SETTINGS: "oneshot",
}

Unit = dict[str, list[str]]


def read(path: Path) -> Unit:
    found: Unit = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", path.read_text(), re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


def units(root: Path, pattern: str) -> Iterator[tuple[str, Unit]]:
    for path in sorted((root / UNITS).glob(pattern)):
        yield path.name, read(path)


def _words(unit: Unit, name: str) -> set[str]:
    return {word for value in unit.get(name, []) for word in value.split()}


def units_are_confined(root: Path) -> Iterator[str]:
    for name, own in SANDBOXES.items():
        unit = read(root / UNITS / name)
        for directive, wanted in {**CONFINED, **own}.items():
            found = " ".join(unit.get(directive, ["(absent)"]))
            if found != wanted:
                yield f"{name}: {directive}={found}, not {wanted}"


def units_run_as_the_shops_user(root: Path) -> Iterator[str]:
    for name, unit in units(root, "webmarket-*.service"):
        wanted = "root" if name in ROOTS else "webmarket"
        for directive in ("User", "Group"):
            found = "".join(unit.get(directive, ["root"]))
            if found != wanted:
                yield f"{name} runs as {found}, not as {wanted} ({directive})"
        if (unit.get("PrivateUsers") == ["no"]) != (name in ROOTS):
            yield f"{name}: PrivateUsers is for those that must be root, {', '.join(sorted(ROOTS))}"
    for name, unit in units(root, "webmarket-*.socket"):
        if unit.get("SocketUser") != ["www-data"] or unit.get("SocketMode") != ["0600"]:
            yield f"{name}: others than nginx may speak to gunicorn past it"
        if int("".join(unit.get("Backlog", ["0"]))) < 1024:
            yield f"{name}: few requests wait while gunicorn restarts"
        if unit.get("ListenStream") != ["/run/webmarket-web.sock"]:
            yield f"{name}: nginx asks another socket (deploy/nginx/nginx.conf)"


def units_start_with_their_settings(root: Path) -> Iterator[str]:
    """Each waits for the settings, and only the host's own role starts."""
    wanted = {f"webmarket-{name}.service": WORKERS for name in ("worker", "operations", "beat", "drain")}
    wanted |= {"webmarket-web.service": WEB, "webmarket-web.socket": WEB, "webmarket.conf": WEB}
    for name, unit in [
        *units(root, "webmarket-*.service"),
        *units(root, "webmarket-*.socket"),
        *units(root, "nginx.service.d/*"),
    ]:
        if name == SETTINGS:
            continue
        for directive in ("Requires", "After"):
            if SETTINGS not in _words(unit, directive):
                yield f"{name} may start without its settings: {directive} lacks {SETTINGS}"
        if name in wanted and unit.get("ConditionPathExists") != [wanted[name]]:
            yield f"{name} starts on hosts of another role: no condition {wanted[name]}"
        if name != "webmarket-migrate.service" and TARGET not in _words(unit, "PartOf"):
            yield f"{name} goes on when {TARGET} is stopped"
        socket = "webmarket-web.socket"
        if name in ("webmarket-web.service", "webmarket.conf") and socket not in _words(unit, "After"):
            yield f"{name} may start before {socket}"
        is_service = name.endswith(".service")
        if is_service and "network-online.target" not in _words(unit, "After"):
            yield f"{name} may start before the network"
        if is_service and name not in ROOTS:
            files = {"/opt/webmarket/current/release.env", "/run/webmarket/env"}
            if missing := sorted(files - _words(unit, "EnvironmentFile")):
                yield f"{name} does not read {', '.join(missing)}"
            if unit.get("StateDirectory") != ["webmarket"] or unit.get("Slice") != ["webmarket.slice"]:
                yield f"{name} may not write the shop's state, or is outside its slice"
            if "PYTHONUNBUFFERED=1" not in _words(unit, "Environment"):
                yield f"{name}: what it says waits in a buffer when it is killed"
        if name in ("webmarket-drain.service",) and unit.get("EnvironmentFile") != ["/etc/webmarket/instance.env"]:
            yield f"{name} does not know which host it is on"
        if is_service and unit.get("WorkingDirectory") != ["/opt/webmarket/current"]:
            yield f"{name} does not run the current release"
    web = read(root / UNITS / "webmarket-web.service")
    if "webmarket-web.socket" not in _words(web, "Requires"):
        yield "webmarket-web.service may listen for itself: it does not ask for its socket"


def settings_are_fetched_again(root: Path) -> Iterator[str]:
    unit, timer = read(root / UNITS / SETTINGS), read(root / UNITS / "webmarket-secrets.timer")
    for directive in ("ConditionPathExists", "EnvironmentFile"):
        if unit.get(directive) != ["/etc/webmarket/instance.env"]:
            yield f"{SETTINGS} does not know which host it is on ({directive})"
    for directive in ("After", "Wants"):
        if "network-online.target" not in _words(unit, directive):
            yield f"{SETTINGS} may ask AWS before there is a network ({directive})"
    if unit.get("RuntimeDirectoryPreserve") != ["yes"] or unit.get("RuntimeDirectory") != ["webmarket"]:
        yield f"{SETTINGS}: the settings are gone as soon as they were fetched"
    if unit.get("RuntimeDirectoryMode") != ["0755"]:
        yield f"{SETTINGS}: others cannot see which role this host has, or may write it"
    if int("".join(unit.get("TimeoutStartSec", ["0"]))) < 300:
        yield f"{SETTINGS} gives up before AWS may have answered"
    if unit.get("WorkingDirectory") != ["/opt/webmarket/current"]:
        yield f"{SETTINGS} does not run the current release"
    for directive in ("OnActiveSec", "OnUnitInactiveSec"):
        if timer.get(directive) != ["1min"]:
            yield f"webmarket-secrets.timer: a password that was changed is not fetched within a minute ({directive})"
    if timer.get("AccuracySec") != ["10s"] or timer.get("PartOf") != [TARGET]:
        yield "webmarket-secrets.timer: systemd may let a minute pass before it fetches, or fetches for a stopped shop"


def services_come_back_and_end_their_work(root: Path) -> Iterator[str]:
    for name, unit in units(root, "webmarket-*.service"):
        if unit.get("Type") != [TYPES.get(name)]:
            yield f"{name} is of type {unit.get('Type')}, not {TYPES.get(name)}: systemd takes it for started too early"
        if name in ENDING_SECONDS:
            given = int("".join(unit.get("TimeoutStopSec", ["0"])))
            if not ENDING_SECONDS[name] <= given <= LONGEST_SECONDS:
                yield f"{name} has {given} s to end its work, of {ENDING_SECONDS[name]}"
            if unit.get("KillMode") != ["mixed"]:
                yield f"{name}: its children are ended with it, in the middle of their work"
        if TYPES.get(name) != "oneshot":
            rests = "".join(unit.get("RestartSec", ["0"]))
            if unit.get("Restart") != ["on-failure"] or not 1 <= int(rests) <= 30:
                yield f"{name} does not come back within half a minute after it failed"
    if read(root / UNITS / "webmarket-web.service").get("NotifyAccess") != ["main"]:
        yield "webmarket-web.service: a worker could say that gunicorn is ready"
    migrating = read(root / UNITS / "webmarket-migrate.service").get("TimeoutStartSec", ["0"])
    if int("".join(migrating)) < MIGRATING_SECONDS:
        yield f"webmarket-migrate.service is ended after {''.join(migrating)} s, in the middle of a migration"
    nginx = read(root / UNITS / "nginx.service.d/webmarket.conf")
    if nginx.get("Restart") != ["on-failure"] or int("".join(nginx.get("RestartSec", ["0"]))) < 1:
        yield "nginx does not come back after it failed"
    socket = read(root / UNITS / "webmarket-web.socket")
    if socket.get("DefaultDependencies") != ["no"]:
        yield "webmarket-web.socket waits with the other sockets, before the settings can be there: it never starts"
    if "shutdown.target" not in _words(socket, "Before") & _words(socket, "Conflicts"):
        yield "webmarket-web.socket is in the way of a shutdown"


def the_target_starts_everything(root: Path) -> Iterator[str]:
    path = root / UNITS / TARGET
    unit = read(path)
    there = {"nginx.service", "webmarket-secrets.timer", "network-online.target"}
    there |= {file.name for kind in ("service", "socket") for file in (root / UNITS).glob(f"webmarket-*.{kind}")}
    # Started by a release alone.
    there -= {"webmarket-migrate.service"}
    if missing := sorted(there - _words(unit, "Wants")):
        yield f"{TARGET} does not start {', '.join(missing)}"
    if unit.get("ConditionPathExists") != ["/etc/webmarket/instance.env"]:
        yield f"{TARGET} starts where user data has not said what the host is"
    if "multi-user.target" not in _words(unit, "WantedBy"):
        yield f"{TARGET} does not start after a reboot"
    if "network-online.target" not in _words(unit, "After"):
        yield f"{TARGET} does not wait for the network"


def the_shop_leaves_memory(root: Path) -> Iterator[str]:
    unit = read(root / UNITS / "webmarket.slice")
    high, most = (int("".join(unit.get(name, ["100%"])).rstrip("%")) for name in ("MemoryHigh", "MemoryMax"))
    if not 60 <= high < most <= 95:
        yield f"webmarket.slice: {high} to {most} % of the memory leave the agents and updates none, or the shop little"


def the_agent_knows_its_environment(root: Path) -> Iterator[str]:
    unit = read(root / "deploy" / "cloudwatch" / "webmarket-cloudwatch.service")
    wanted = {
        "ConditionPathExists": "/etc/webmarket/instance.env",
        "EnvironmentFile": "/etc/webmarket/instance.env",
        "After": "network-online.target",
        "Wants": "network-online.target",
        "Type": "oneshot",
        "RemainAfterExit": "yes",
        "WantedBy": TARGET,
    }
    for directive, value in wanted.items():
        if unit.get(directive) != [value]:
            yield f"webmarket-cloudwatch.service: {directive} is {unit.get(directive)}, not {value}"


CODE_RULES = (
    Rule(
        "units are confined",
        "What breaks into a service has what its unit leaves it.",
        "https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#Sandboxing",
        units_are_confined,
    ),
    Rule(
        "units run as the shop's own user",
        "A service without User= runs as root.",
        "https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#User=",
        units_run_as_the_shops_user,
    ),
    Rule(
        "units start with their settings",
        "Requires= without After= starts both at once.",
        "https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html#Requires=",
        units_start_with_their_settings,
    ),
    Rule(
        "settings are fetched again",
        "RDS changes a managed password by itself, every seven days.",
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html",
        settings_are_fetched_again,
    ),
    Rule(
        "services come back, and end their work",
        "After TimeoutStopSec everything left of a service is killed; Restart= is no unless it is given.",
        "https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#TimeoutStopSec=",
        services_come_back_and_end_their_work,
    ),
    Rule(
        "the target starts everything",
        "A unit that nothing wants is never started.",
        "https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html#Wants=",
        the_target_starts_everything,
    ),
    Rule(
        "the shop leaves memory",
        "Above MemoryHigh a slice is slowed down, above MemoryMax its processes are killed.",
        "https://www.freedesktop.org/software/systemd/man/latest/systemd.resource-control.html#MemoryHigh=bytes",
        the_shop_leaves_memory,
    ),
    Rule(
        "the agent knows its environment",
        "The agent is configured by its own command, once a boot.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/install-CloudWatch-Agent-commandline-fleet.html",
        the_agent_knows_its_environment,
    ),
)

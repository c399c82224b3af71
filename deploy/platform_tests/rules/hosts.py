"""What a host lets in, and what its kernel lets programs do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from rules.world import Rule

BASE = Path("ansible/roles/base/templates")
POLICIES = {"input": "drop", "forward": "drop", "output": "accept"}
# Rules of a chain, as beginnings: whoever asks something else is not answered.
INPUT = (
    "iif lo accept",
    "ct state invalid drop",
    "ct state { established, related } accept",
    "meta l4proto { icmp, ipv6-icmp } limit rate 20/second accept",
    "{{ 'ip6' if ':' in source else 'ip' }} saddr {{ source }} tcp dport { {{ base_web_ports | join(', ') }} } accept",
    "{{ 'ip6' if ':' in source else 'ip' }} saddr {{ source }} tcp dport 22 ct state new "
    "limit rate 30/minute burst 20 packets accept",
)
OUTPUT = ('ip daddr 169.254.169.254 meta skuid "www-data" drop',)
SSH = {
    "PermitRootLogin": "{{ 'prohibit-password' if base_ssh_sources else 'no' }}",
    "PasswordAuthentication": "no",
    "KbdInteractiveAuthentication": "no",
    "X11Forwarding": "no",
    "AllowAgentForwarding": "no",
    "AllowTcpForwarding": "no",
    "MaxAuthTries": "3",
    "LoginGraceTime": "20",
    "ClientAliveInterval": "60",
}
# https://www.kernel.org/doc/html/latest/admin-guide/sysctl/ says what each value means.
KERNEL = {
    "kernel.dmesg_restrict": "1",
    "kernel.kptr_restrict": "2",
    "kernel.perf_event_paranoid": "3",
    "kernel.unprivileged_bpf_disabled": "1",
    "kernel.yama.ptrace_scope": "2",
    "kernel.kexec_load_disabled": "1",
    "kernel.sysrq": "0",
    "fs.suid_dumpable": "0",
    "fs.protected_fifos": "2",
    "fs.protected_regular": "2",
    "fs.protected_hardlinks": "1",
    "fs.protected_symlinks": "1",
    "net.core.bpf_jit_harden": "2",
    "net.ipv4.conf.all.accept_redirects": "0",
    "net.ipv4.conf.default.accept_redirects": "0",
    "net.ipv4.conf.all.send_redirects": "0",
    "net.ipv4.conf.all.accept_source_route": "0",
    "net.ipv4.conf.all.rp_filter": "1",
    "net.ipv4.conf.default.rp_filter": "1",
    "net.ipv4.conf.all.log_martians": "1",
    "net.ipv6.conf.all.accept_redirects": "0",
    "net.ipv6.conf.default.accept_redirects": "0",
    "net.ipv4.icmp_echo_ignore_broadcasts": "1",
    "net.ipv4.tcp_syncookies": "1",
    "vm.swappiness": "10",
    "net.ipv4.ip_local_port_range": "15000 65000",
}
# nginx listens with a backlog of 2,048 (ansible/roles/nginx/templates/listen.conf.j2), gunicorn's socket too.
LEAST_BACKLOG = 2048


def the_firewall_drops_what_it_does_not_name(root: Path) -> Iterator[str]:
    text = (root / BASE / "nftables.conf.j2").read_text()
    if not re.search(r"^flush ruleset$", text, re.MULTILINE):
        yield "nftables.conf adds to rules of before"
    chains = dict(re.findall(r"^    chain (\w+) \{\n(.*?)^    \}", text, re.MULTILINE | re.DOTALL))
    for name, wanted in POLICIES.items():
        hook = f"type filter hook {name} priority filter; policy {wanted};"
        if hook not in chains.get(name, ""):
            policy = "accepts" if "policy accept" in chains.get(name, "") else "has no policy for"
            yield f"nftables.conf: the chain {name} {policy} what no rule names"
    for name, wanted in (("input", INPUT), ("forward", ()), ("output", OUTPUT)):
        lines = [" ".join(line.split()) for line in chains.get(name, "").splitlines()]
        rules = [line for line in lines if line and not line.startswith(("type ", "#", "{%"))]
        for line in rules:
            if line not in wanted:
                yield f"nftables.conf: {name} has a rule that nobody has drawn: {line}"
        for line in wanted:
            if line not in rules:
                yield f"nftables.conf: {name} lacks {line}"


def _pairs(path: Path, between: str) -> dict[str, str]:
    found = re.findall(rf"^([\w.]+){between}(.+)$", path.read_text(), re.MULTILINE)
    return {name: value.strip() for name, value in found}


def nobody_comes_by_password(root: Path) -> Iterator[str]:
    found = _pairs(root / BASE / "sshd.conf.j2", " ")
    for name, wanted in SSH.items():
        if found.get(name) != wanted:
            yield f"sshd.conf: {name} is {found.get(name, 'absent')}, not {wanted}"


def the_kernel_gives_little_away(root: Path) -> Iterator[str]:
    found = _pairs(root / "deploy" / "host" / "etc" / "sysctl.conf", " = ")
    for name, wanted in KERNEL.items():
        if found.get(name) != wanted:
            yield f"sysctl.conf: {name} is {found.get(name, 'absent')}, not {wanted}"
    for name in ("net.core.somaxconn", "net.ipv4.tcp_max_syn_backlog"):
        if int(found.get(name, "0")) < LEAST_BACKLOG:
            yield f"sysctl.conf: {name} is below the backlog of {LEAST_BACKLOG} that nginx asks for"


CODE_RULES = (
    Rule(
        "the firewall drops what it does not name",
        "A chain accepts what no rule decides, unless its policy is drop.",
        "https://wiki.nftables.org/wiki-nftables/index.php/Configuring_chains#Base_chain_policy",
        the_firewall_drops_what_it_does_not_name,
    ),
    Rule(
        "nobody comes by password",
        "OpenSSH takes passwords unless it is told not to.",
        "https://man.openbsd.org/sshd_config#PasswordAuthentication",
        nobody_comes_by_password,
    ),
    Rule(
        "the kernel gives little away",
        "What a kernel lets an unprivileged program see and do is set by sysctl.",
        "https://www.kernel.org/doc/html/latest/admin-guide/sysctl/kernel.html",
        the_kernel_gives_little_away,
    ),
)

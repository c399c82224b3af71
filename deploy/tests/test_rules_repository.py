"""Mistakes in units, nginx, firewall, roles, workflows and the image's template: each is refused by what it does."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from local import ROOT
from rules import broken, hosts, image, launching, playbooks, units, webserver, workflows

READ = (
    *(".github/workflows", "ansible/roles", "deploy/systemd", "deploy/nginx", "deploy/host/etc", "deploy/cloudwatch"),
    *("packer", "terraform/modules", "terraform/environments"),
)
MODULES = (hosts, image, launching, playbooks, units, webserver, workflows)
UNITS, NGINX, FLOW = "deploy/systemd/webmarket-", "deploy/nginx/nginx.conf", ".github/workflows/release.yml"
BASE, SHOP = "ansible/roles/base", "ansible/roles/webmarket/tasks/"
MISTAKES = [
    (units, UNITS + "web.service", "User=webmarket\n", "", "runs as root"),
    (units, UNITS + ".service.d/sandbox.conf", "PrivateTmp=yes\n", "", "PrivateTmp=(absent), not yes"),
    (units, UNITS + "worker.service", "TimeoutStopSec=910", "TimeoutStopSec=30", "has 30 s to end its work, of 900"),
    (units, UNITS + "beat.service", "Restart=on-failure\n", "", "does not come back"),
    (units, UNITS + "web.socket", "SocketMode=0600", "SocketMode=0666", "may speak to gunicorn past it"),
    (units, UNITS + "web.service", "role/web", "role/workers", "starts on hosts of another role"),
    (units, UNITS + "secrets.timer", "OnUnitInactiveSec=1min\n", "", "not fetched within a minute"),
    (units, "deploy/systemd/webmarket.target", " webmarket-web.service", "", "does not start webmarket-web.service"),
    (units, "deploy/systemd/webmarket.slice", "MemoryMax=92%", "MemoryMax=100%", "leave the agents and updates none"),
    (webserver, NGINX, "            limit_req zone=visitors burst=50 nodelay;\n", "", "limits nobody's requests"),
    (webserver, NGINX, "rate=100r/s", "rate=1000r/s", "1000r/s for each visitor"),
    (webserver, NGINX, "keepalive_timeout 75s", "keepalive_timeout 5s", "(502)"),
    (webserver, NGINX, "    server_tokens off;\n", "", "server_tokens is absent"),
    (webserver, NGINX, "    proxy_no_cache $is_personal;\n", "", "proxy_no_cache is absent"),
    (webserver, NGINX, "location /health {\n            access_log off;", "location /health {", "no log of"),
    (webserver, NGINX, "escape=json\n", "\n", "a header can write lines of its own"),
    (webserver, NGINX, '\'{"timestamp":', '\'{"ip":"$remote_addr","timestamp":', "log_format writes $remote_addr"),
    (webserver, NGINX, "sendfile on", "sendfile off", "sendfile is off"),
    (
        webserver,
        NGINX,
        "add_header Cache-Control no-store always;\n            add_header X-Request-ID $request_id always;\n"
        "            return 413",
        "add_header X-Request-ID $request_id always;\n            return 413",
        "@api_too_large: caches keep what was refused",
    ),
    (
        webserver,
        "deploy/nginx/proxy.conf",
        "X-Forwarded-For $visitor",
        "X-Forwarded-For $remote_addr",
        "X-Forwarded-For",
    ),
    (
        hosts,
        BASE + "/templates/nftables.conf.j2",
        "input priority filter; policy drop",
        "input priority filter; policy accept",
        "accepts what no rule names",
    ),
    (
        hosts,
        BASE + "/templates/nftables.conf.j2",
        "iif lo accept",
        "tcp dport 8000 accept",
        "a rule that nobody has drawn",
    ),
    (
        hosts,
        BASE + "/templates/sshd.conf.j2",
        "PasswordAuthentication no",
        "PasswordAuthentication yes",
        "is yes, not no",
    ),
    (hosts, "deploy/host/etc/sysctl.conf", "tcp_syncookies = 1", "tcp_syncookies = 0", "tcp_syncookies is 0"),
    (playbooks, SHOP + "host.yml", 'mode: "0400"', 'mode: "0444"', "shows the shop's secrets"),
    (playbooks, SHOP + "host.yml", "  no_log: true\n", "", "shows the shop's secrets"),
    (
        playbooks,
        BASE + "/tasks/main.yml",
        "    name: nftables.service\n    enabled: true",
        "    name: nftables.service\n    enabled: false",
        "has no systemd_service of nftables.service",
    ),
    (playbooks, SHOP + "main.yml", 'mode: "0644"', 'mode: "0666"', "others may write it"),
    (image, "packer/webmarket.pkr.hcl", "= var.builder_cidrs", '= ["0.0.0.0/0"]', "reach the builder's SSH"),
    (image, "packer/webmarket.pkr.hcl", "encrypt_boot    = true", "encrypt_boot    = false", "disk is not encrypted"),
    (image, "packer/webmarket.pkr.hcl", "forget.sh", "smoke_test.sh", "forget.sh does not run"),
    (image, "packer/webmarket.pkr.hcl", "use_proxy     = false", "use_proxy     = true", "ansible's use_proxy"),
    (workflows, FLOW, "        required: true\n", "", "the input release has required: None"),
    (workflows, FLOW, "        default: false\n", "        default: true\n", "the input roll_back has default: True"),
    (workflows, FLOW, "        type: boolean\n", "", "the input roll_back has type: None"),
    (workflows, FLOW, "    environment: production\n", "", "outside an environment that is approved"),
    (workflows, FLOW, "    needs: [build, staging]\n", "", "does not wait for build, staging"),
    (
        workflows,
        FLOW,
        "          persist-credentials: false\n",
        "          persist-credentials: true\n",
        "leaves its token",
    ),
    (workflows, FLOW, "      contents: read\n", "      contents: write\n", "and needs"),
    (workflows, FLOW, " && github.event.pull_request.head.repo.full_name == github.repository", "", "anybody's branch"),
    (workflows, FLOW, "    timeout-minutes: 120\n", "", "may take 360 minutes"),
    (
        launching,
        "terraform/modules/fleet/main.tf",
        "ignore_changes = [image_id]",
        "ignore_changes = []",
        "brings back the image",
    ),
    (
        launching,
        "terraform/modules/edge/main.tf",
        "    create_before_destroy = true\n",
        "",
        "deleted before its successor",
    ),
]


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("repository")
    for name in READ:
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns(".terraform*", "tests"))
    return target


@pytest.fixture
def spoilt(repository) -> Iterator:
    changed: dict[Path, str] = {}

    def spoil(name: str, right: str, wrong: str) -> Path:
        file = repository / name
        changed[file] = file.read_text()
        assert right in changed[file]
        file.write_text(changed[file].replace(right, wrong))
        return repository

    yield spoil
    for file, text in changed.items():
        file.write_text(text)


def found(module, root: Path) -> list[str]:
    rules = tuple(rule for rule in module.CODE_RULES if rule.name not in NEEDING_MORE)
    return broken(rules, root)


# They read pages and variables that no mistake here changes.
NEEDING_MORE = {"outputs that pages name"}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_the_repository_is_in_order(module, repository):
    assert found(module, repository) == []


@pytest.mark.parametrize(("module", "name", "right", "wrong", "words"), MISTAKES)
def test_each_mistake_is_refused(module, name, right, wrong, words, spoilt):
    assert words in "\n".join(found(module, spoilt(name, right, wrong)))

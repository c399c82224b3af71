"""Follow docs/zero-to-live.md, command by command, against moto, and see that doctor says what the page says.

  follow.py            compare
  follow.py --write    put what doctor says into the page

What differs from AWS: hosts are this machine (host.py), some programs stand in for others (programs.py), and the shop
is asked for where it is served here. Runs on the tools' own Python: test_platform.py calls it.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(1, str(Path(__file__).resolve().parent))

import first_order
import host
import page
from beyond_moto import BeyondMoto
from local import ROOT, Unusable, say
from moto_server import KEYS, REGION, moto
from rehearsal import override
from terraform_cli import environment
from tool_venv import BIN

HERE = Path(__file__).resolve().parent
WORK = host.WORK
STATE = WORK / "beyond-moto.json"
NAME = "staging"
DOMAIN = "boutique.webmarket.example"
PROGRAMS = ("terraform", "packer", "git", "aws")
# What is done by others than the reader of the page, by the page's words.
OTHERS: dict[str, dict[str, object]] = {
    "AWS grants the quotas": {"quotas": {}},
    "the registrar names the zone's servers, and SES finds its keys": {"keys_found": True},
    "somebody follows the link in AWS's e-mail": {"confirmed": True},
}


def main() -> int:
    if not shutil.which("terraform"):
        raise Unusable("There is no terraform here; https://developer.hashicorp.com/terraform/install has it.")
    began = time.monotonic()
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    with moto(MOTO_IAM_LOAD_MANAGED_POLICIES="true") as endpoint, free_port() as port:
        reader = Reader(endpoint, f"http://127.0.0.1:{port}")
        try:
            ok = reader.follow(write="--write" in sys.argv)
        finally:
            host.stop()
    say(f"from an empty account to the first order in {time.monotonic() - began:.0f} s")
    return not ok


@contextmanager
def free_port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    yield port


class Reader:
    """Somebody at a terminal, in a clone of the repository."""

    def __init__(self, endpoint: str, site: str) -> None:
        self.site = site
        self.tree = WORK / "clone"
        self.variables = WORK / "variables.sh"
        programs = WORK / "programs"
        make_clone(self.tree)
        make_programs(programs)
        STATE.write_text(json.dumps(asdict(BeyondMoto())))
        self.environment = {
            **environment(),
            **KEYS,
            "PATH": os.pathsep.join((str(programs), str(BIN), os.environ["PATH"])),
            "PYTHONPATH": str(HERE / "stand_in"),
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_DEFAULT_REGION": REGION,
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            "WEBMARKET_BEYOND_MOTO": str(STATE),
            "WEBMARKET_ENVIRONMENT": NAME,
            "WEBMARKET_SERVED_AT": self.site,
            "WEBMARKET_POLL_SECONDS": "0.1",
        }
        self.variables.write_text("")

    def follow(self, *, write: bool) -> bool:
        answers, output = [], ""
        for stage in page.read():
            began = time.monotonic()
            for block in stage.blocks:
                if block.kind == page.COMMANDS:
                    output += self.run(stage.title, block.text)
                elif block.kind == page.OTHERS:
                    self.let_others(block.text.strip())
                elif block.kind == page.DOCTOR:
                    answers.append((block, self.doctor()))
            say(f"{time.monotonic() - began:>4.0f} s  {stage.title}")
        self.people(output)
        if write:
            page.write(answers)
        return write or self.compare(answers)

    def run(self, title: str, commands: str) -> str:
        """In one shell after the other, with the variables of the one before."""
        script = f"set -euo pipefail\n. {self.variables}\ncd {self.tree}\n{commands}\nexport -p > {self.variables}\n"
        script = script.replace(f"https://{DOMAIN}", self.site).replace("https://$DOMAIN", self.site)
        done = subprocess.run(
            ["bash", "-c", script],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        with (WORK / "output.log").open("a") as log:
            log.write(f"## {title}\n{commands}\n{done.stdout}\n")
        if done.returncode:
            raise Unusable(f"{title}:\n{commands}\n{done.stdout[-6000:]}")
        return done.stdout

    def let_others(self, what: str) -> None:
        if what not in OTHERS:
            raise Unusable(f"The page says that « {what} », and nobody here does.")
        state = json.loads(STATE.read_text())
        STATE.write_text(json.dumps({**state, **OTHERS[what]}))

    def doctor(self) -> str:
        done = subprocess.run(
            ["deploy/bin/doctor", "--environment", NAME, "--domain", DOMAIN],
            cwd=self.tree,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if done.stderr:
            raise Unusable(f"doctor:\n{done.stderr[-3000:]}")
        return shortened(done.stdout)

    def compare(self, answers: list[tuple[page.Block, str]]) -> bool:
        ok = True
        for number, (block, text) in enumerate(answers):
            if block.text != text:
                ok = False
                lines = difflib.unified_diff(block.text.splitlines(), text.splitlines(), "page", "doctor", lineterm="")
                say(f"FAILED  doctor, after stage {number}\n" + "\n".join(lines))
        say(f"{'ok' if ok else 'FAILED':<7} doctor says what the page says, {len(answers)} times")
        return ok

    def people(self, output: str) -> None:
        """The owner's link is in what the page's commands printed."""
        link = re.search(rf"{re.escape(self.site)}/\S+", output[output.rindex("Ouvrez ce lien") :])
        if link is None:
            raise Unusable("create_owner printed no link.")
        came_to = first_order.open_owners_account(self.site, link[0])
        say(f"ok      the owner's account is open: {came_to}")
        # A catalogue, as the owner would bring one.
        self.run("products", "deploy/bin/manage --environment staging -- load_demo_shop")
        place = first_order.order(self.site)
        count = first_order.orders_in(WORK / "shop.sqlite3")
        if not count:
            raise Unusable(f"The shopper came to {place}, and there is no order.")
        say(f"ok      the first order: {place}")


def shortened(text: str) -> str:
    """Every stage, and the details of the first that is missing something."""
    lines, missing = [], 0
    for line in text.splitlines():
        missing += line.startswith("missing")
        if not line.startswith(" ") or missing == 1:
            lines.append(line)
    return "\n".join(lines) + "\n"


def make_clone(tree: Path) -> None:
    """The repository by links, but for terraform/, whose environment is applied to moto."""
    tree.mkdir(parents=True)
    for entry in ROOT.iterdir():
        if entry.name not in ("terraform", ".git"):
            (tree / entry.name).symlink_to(entry)
    shutil.copytree(
        ROOT / "terraform", tree / "terraform", ignore=shutil.ignore_patterns(".terraform*", "*.auto.tfvars")
    )
    override(tree / "terraform", NAME)


def make_programs(folder: Path) -> None:
    folder.mkdir()
    for name in PROGRAMS:
        file = folder / name
        file.write_text(f'#!/bin/sh\nexec "{BIN}/python" "{HERE}/programs.py" {name} "$@"\n')
        file.chmod(0o755)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Unusable as error:
        sys.exit(str(error).replace(str(ROOT), "."))

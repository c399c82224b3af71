"""What the steps of a release share: names of an environment's parts, clients, and how a step says what it does."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "var" / "build"
# In the order in which a release reaches them: workers know the tasks of both releases before the web sends new ones.
FLEETS = ("workers", "web")
ENVIRONMENTS = ("demo", "staging", "production")
IMAGES = "/webmarket/images"
PYTHONS = (ROOT / ".venv/bin/python", ROOT / "var/tools/bin/python")


class Refused(Exception):
    """The step cannot go on; the message says why, and what to do."""


def with_boto3() -> None:
    """Start again under a Python that has boto3, where this one has not."""
    if find_spec("boto3"):
        return
    for python in PYTHONS:
        if python.exists() and str(python) != sys.executable:
            os.execv(python, [str(python), *sys.argv])
    sys.exit("This needs boto3: `make test` makes an environment that has it, or `pip install boto3`.")


@dataclass(frozen=True)
class Environment:
    """Where everything of one environment stands; Terraform names it so."""

    name: str

    @property
    def prefix(self) -> str:
        return f"webmarket-{self.name}"

    @property
    def database(self) -> str:
        return self.prefix

    @property
    def image_parameter(self) -> str:
        return f"/webmarket/{self.name}/image-id"

    @property
    def release_parameter(self) -> str:
        return f"/webmarket/{self.name}/release"

    def fleet(self, role: str) -> str:
        return f"{self.prefix}-{role}"


class Step:
    """Says each act before it is done; in a dry run it says them alone."""

    def __init__(self, *, dry: bool) -> None:
        self.dry = dry
        self.patience = float(os.environ.get("WEBMARKET_POLL_SECONDS", "10"))

    def say(self, text: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)

    def act(self, what: str, doing: Callable, **given: object) -> dict:
        """One call that changes something. Returns its answer, or nothing in a dry run."""
        self.say(f"{'would ' if self.dry else ''}{what}")
        return {} if self.dry else doing(**given)

    def run(self, *command: str, cwd: Path = ROOT, **variables: str) -> int:
        """One program, its output passed on."""
        self.say(f"{'would run' if self.dry else 'run'} {' '.join(command)}")
        return 0 if self.dry else subprocess.run(command, cwd=cwd, env={**os.environ, **variables}).returncode

    def until(self, what: str, seconds: float, found: Callable[[], object]) -> object:
        """Ask until there is an answer."""
        if self.dry:
            self.say(f"would wait until {what}")
            return None
        self.say(f"wait until {what}")
        limit = time.monotonic() + seconds
        while True:
            if answer := found():
                return answer
            if time.monotonic() > limit:
                raise Refused(f"Not after {seconds:.0f} s: {what}.")
            time.sleep(self.patience)


@cache
def client(service: str):
    import boto3
    from botocore.config import Config

    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "eu-west-3"
    config = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 5})
    return boto3.client(service, region_name=region, config=config)


def parameter(name: str) -> str:
    """The value of a parameter, or nothing."""
    ssm = client("ssm")
    try:
        return ssm.get_parameter(Name=name)["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        return ""


def image_of(release: str) -> str:
    """An image id as it is, or the id of the image that a release was baked into."""
    if release.startswith("ami-"):
        return release
    image = parameter(f"{IMAGES}/{release}")
    if not image:
        raise Refused(f"There is no image of {release}: deploy/bin/build_image --release {release} makes one.")
    return image


def current(environment: Environment) -> dict[str, str]:
    """What serves: release, image and the release before it, as the last roll-out kept them."""
    kept = parameter(environment.release_parameter)
    return json.loads(kept) if kept else {}


def remember(step: Step, environment: Environment, release: str, image: str, before: dict[str, str]) -> None:
    """Keep what serves, and what to go back to; new instances of an environment made anew start from it."""
    kept = {"release": release, "image": image, "before": {key: before[key] for key in ("release", "image") if before}}
    for name, value in ((environment.image_parameter, image), (environment.release_parameter, json.dumps(kept))):
        put_parameter(step, name, value)


def put_parameter(step: Step, name: str, value: str) -> None:
    put = client("ssm").put_parameter
    step.act(f"keep {value} as {name}", put, Name=name, Value=value, Type="String", Overwrite=True)


def group(autoscaling, name: str) -> dict:
    groups = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    if not groups:
        raise Refused(f"There is no Auto Scaling group {name}; Terraform makes it.")
    return groups[0]


def launch_template(autoscaling, environment: Environment, role: str) -> dict[str, str]:
    """Id and version of the template that a fleet starts instances from."""
    found = group(autoscaling, environment.fleet(role))
    mixed = found.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {}).get("LaunchTemplateSpecification")
    template = found.get("LaunchTemplate") or mixed or {}
    if "LaunchTemplateId" not in template:
        raise Refused(f"{environment.fleet(role)} starts its instances from no launch template.")
    return template


def parser_for(document: str | None, *, environment: bool = True) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=document, formatter_class=argparse.RawDescriptionHelpFormatter)
    if environment:
        parser.add_argument("--environment", required=True, choices=ENVIRONMENTS, help="where")
    parser.add_argument("--dry-run", action="store_true", help="ask everything, change nothing, say what would be done")
    return parser


def release_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}", text):
        raise argparse.ArgumentTypeError("letters, digits, points, hyphens and underscores, at most 61")
    return text


def finish(main: Callable[[], int]) -> None:
    try:
        sys.exit(main())
    except Refused as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)

"""Shared by the steps of a release: names of an environment's resources, AWS clients, logging and dry runs."""

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
# In the order of a roll-out: workers know the tasks of both releases before the web sends new ones.
FLEETS = ("workers", "web")
ENVIRONMENTS = ("demo", "staging", "production")
IMAGES = "/webmarket/images"
PYTHONS = (ROOT / ".venv/bin/python", ROOT / "var/tools/bin/python")


class Refused(Exception):
    """The step failed; the message has the reason and what to do."""


def with_boto3() -> None:
    """Restart under a Python with boto3 if this one has none."""
    if find_spec("boto3"):
        return
    for python in PYTHONS:
        if python.exists() and str(python) != sys.executable:
            os.execv(python, [str(python), *sys.argv])
    sys.exit("This needs boto3: `make test` makes an environment that has it, or `pip install boto3`.")


@dataclass(frozen=True)
class Environment:
    """The names that Terraform gives an environment's resources."""

    name: str
    # Given where no host is told yet.
    domain: str = ""

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

    @property
    def lock_parameter(self) -> str:
        return f"/webmarket/{self.name}/release-lock"

    def fleet(self, role: str) -> str:
        return f"{self.prefix}-{role}"


class Step:
    """Logs each action before doing it; a dry run logs alone."""

    def __init__(self, *, dry: bool) -> None:
        self.dry = dry
        # What may refuse any further change.
        self.before_each: Callable[[], None] | None = None
        self.poll_seconds = float(os.environ.get("WEBMARKET_POLL_SECONDS", "10"))

    def say(self, text: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)

    def act(self, what: str, doing: Callable, **given: object) -> dict:
        """Make one call that changes something. Returns its response, {} in a dry run. Raises Refused."""
        self.say(f"{'would ' if self.dry else ''}{what}")
        if self.dry:
            return {}
        if self.before_each:
            self.before_each()
        try:
            return doing(**given)
        except aws_errors() as error:
            raise Refused(f"AWS refused to {what}: {error}") from error

    def run(self, *command: str, cwd: Path = ROOT, **variables: str) -> int:
        """Run a program; returns its exit code. Its output is passed on."""
        self.say(f"{'would run' if self.dry else 'run'} {' '.join(command)}")
        return 0 if self.dry else subprocess.run(command, cwd=cwd, env={**os.environ, **variables}).returncode

    def pause(self, what: str, seconds: float) -> None:
        self.say(f"wait {seconds:.0f} s until {what}")
        time.sleep(seconds)

    def until(self, what: str, seconds: float, found: Callable[[], object]) -> object:
        """Poll until `found` returns something. Raises Refused after `seconds`."""
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
            time.sleep(self.poll_seconds)


def aws_errors() -> tuple[type[Exception], ...]:
    """What boto3 raises; nothing where it is not installed."""
    if not find_spec("botocore"):
        return ()
    from botocore.exceptions import BotoCoreError, ClientError

    return BotoCoreError, ClientError


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
        return ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
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


def current_release(environment: Environment) -> dict[str, str]:
    """`release`, `image` and `before`, as the last roll-out stored them; {} before the first."""
    record = parameter(environment.release_parameter)
    return json.loads(record) if record else {}


def store_release(step: Step, environment: Environment, release: str, image: str, before: dict[str, str]) -> None:
    """Store the current release and the one before it in Parameter Store; new environments start from the image."""
    record = {
        "release": release,
        "image": image,
        "before": {key: before[key] for key in ("release", "image") if before},
    }
    for name, value in ((environment.image_parameter, image), (environment.release_parameter, json.dumps(record))):
        put_parameter(step, name, value)


def put_parameter(step: Step, name: str, value: str) -> None:
    put = client("ssm").put_parameter
    step.act(f"store {value} as {name}", put, Name=name, Value=value, Type="String", Overwrite=True)


def group(autoscaling, name: str) -> dict:
    groups = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    if not groups:
        raise Refused(f"There is no Auto Scaling group {name}; Terraform creates it.")
    return groups[0]


def launch_template(autoscaling, environment: Environment, role: str) -> dict[str, str]:
    """Id and version of a fleet's launch template."""
    found = group(autoscaling, environment.fleet(role))
    mixed = found.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {}).get("LaunchTemplateSpecification")
    template = found.get("LaunchTemplate") or mixed or {}
    if "LaunchTemplateId" not in template:
        raise Refused(f"{environment.fleet(role)} has no launch template.")
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
    except aws_errors() as error:
        sys.exit(f"AWS does not answer as it should: {error}")
    except KeyboardInterrupt:
        sys.exit(130)

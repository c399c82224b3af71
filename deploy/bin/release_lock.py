"""One release of an environment at a time, from a laptop or the pipeline: a parameter that one of them creates.

PutParameter without Overwrite is refused where the parameter is there, so that one of two gets it. Whoever dies leaves
it: it counts until its time is over. A roll-back does not wait for a release; it takes the lock over, and the release
then stops before its next change.
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
"""

from __future__ import annotations

import getpass
import json
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_hex

from release import Environment, Refused, Step, client, parameter

# Longer than a job of the pipeline may run.
HELD_SECONDS = 3 * 3600


@dataclass(frozen=True)
class Lock:
    name: str
    token: str

    def refuse_if_lost(self) -> None:
        """Raises Refused where somebody has taken it over."""
        held = holder(self.name)
        if held.get("token") != self.token:
            raise Refused(f"{held.get('by', 'Somebody')} has taken this release over ({held.get('what', 'ended')}).")


@contextmanager
def release_lock(
    step: Step, environment: Environment, what: str, *, over: str = "", release: str = ""
) -> Iterator[dict]:
    """Held while the block runs, which gets the lock that was there: somebody died, or is at work and taken over.

    One held for `over` is taken over. Raises Refused where another is held.
    """
    name = environment.lock_parameter
    held = holder(name)
    if held and held["what"] != over and held["until"] > time.time():
        until = time.strftime("%H:%M", time.localtime(held["until"]))
        raise Refused(
            f"{held['by']} is at work on {environment.name} ({held['what']}), until {until} at the most. Wait for it; "
            f"roll_back ends a release, and `aws ssm delete-parameter --name {name}` a lock that its owner left."
        )
    if step.dry:
        yield held
        return
    lock = Lock(name, token_hex(8))
    until = int(time.time()) + HELD_SECONDS
    value = {"token": lock.token, "by": who(), "what": what, "release": release, "until": until}
    put(name, value, overwrite=bool(held))
    # Of several that take over, the last one has it.
    lock.refuse_if_lost()
    step.before_each = lock.refuse_if_lost
    try:
        yield held
    finally:
        step.before_each = None
        if holder(name).get("token") == lock.token:
            client("ssm").delete_parameter(Name=name)


def put(name: str, value: dict, *, overwrite: bool) -> None:
    ssm = client("ssm")
    try:
        ssm.put_parameter(Name=name, Value=json.dumps(value), Type="String", Overwrite=overwrite)
    except ssm.exceptions.ParameterAlreadyExists:
        raise Refused("Somebody else has just begun a release.") from None


def holder(name: str) -> dict:
    text = parameter(name)
    return json.loads(text) if text else {}


def who() -> str:
    run = os.environ.get("GITHUB_RUN_ID")
    return f"run {run} of the pipeline" if run else f"{getpass.getuser()} on {platform.node()}"
